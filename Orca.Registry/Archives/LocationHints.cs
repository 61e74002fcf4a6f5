using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Registry.Archives;

/// <summary>What to type instead of a location that was not what it seemed.</summary>
internal static class LocationHints
{
    /// <summary>For a transport that does not fit: without one, the content decides.</summary>
    internal static string WithoutPrefix(string kind, ImageLocation location) =>
        ShellWords.Join(location.Path.StartsWith('/') || location.Path.StartsWith("./", StringComparison.Ordinal) ? location.Path : "./" + location.Path) is { } path
            ? $"it is {kind}; without the prefix its content decides what it is: {path}"
            : $"it is {kind}; leave the prefix out, so that its content decides";

    /// <summary>For several images where one is wanted.</summary>
    internal static string Choose(string? transport, ImageLocation location)
    {
        var all = ShellWords.Join("orca", "load", location.Path);
        var one = transport is null || location.Transport == ImageTransport.Url || location.IsStandardInput || location.Path.Contains(':', StringComparison.Ordinal) ? null : ShellWords.Join($"{transport}:{location.Path}:@0");
        return (one, all) switch
        {
            (not null, not null) => $"choose one by its number, for example {one}, or load them all: {all}",
            (_, not null) => $"load them all: {all}",
            _ => "load them all with 'orca load'",
        };
    }

    /// <summary>For a compression that only another program undoes; what is there stays, and nothing is overwritten.</summary>
    internal static string Unpack(string program, ImageLocation location)
    {
        if (location.IsStandardInput || location.Transport == ImageTransport.Url)
        {
            return $"unpack it on its way: ... | {program} -dc | orca ... -";
        }

        var target = location.Path.LastIndexOf('.') is > 0 and var dot && location.Path.IndexOf('/', dot) < 0 ? location.Path[..dot] : location.Path + ".unpacked";
        for (var number = 1; FileSystem.TryStatus(null, PathZ.From(NativeText.Encode(target)), out _) == Errno.None; number++)
        {
            target = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{location.Path}.unpacked{number}");
        }

        return ShellWords.Join(location.Path) is { } from && ShellWords.Join(target) is { } to
            ? $"unpack it, and give what comes out instead: {program} -dc {from} > {to}"
            : $"unpack it first with '{program} -dc'";
    }
}
