using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Reads the time zone of the host, and what a container knows of it.</summary>
internal static class ZoneProbe
{
    private const int MaxZone = 1 << 17;

    /// <summary>The facts; null when there is nothing to do: the host's time is universal time, or a mount of the run covers the file.</summary>
    /// <param name="container">The container.</param>
    /// <param name="files">Reads its files.</param>
    /// <param name="run">What counts for the run.</param>
    /// <param name="asked">The zone that this run asks for; null when a zone is only remembered, so that it may be gone.</param>
    /// <param name="note">Hears of a zone that is passed over.</param>
    /// <exception cref="SandboxException">What the run asks for is no zone's name, or the host's file of it cannot be read.</exception>
    internal static ZoneFacts? Look(IContainer container, ContainerFileReader files, RunOptions run, string? asked, Action<string>? note)
    {
        var given = run.Process.TimeZone is { } text && text != "local" ? text : null;
        if (given is not null && !TimeZoneFiles.IsName(given))
        {
            throw new SandboxException($"cannot use time zone '{Quoted.Text(given)}': it is no zone's name", "names are such as Europe/Berlin or UTC");
        }

        var name = given ?? HostName();
        if (name is null || (given is null && TimeZoneFiles.IsUniversalName(name)))
        {
            return null;
        }

        var inImage = files.Exists(TimeZoneFiles.Zones + name);
        var zone = inImage ? null : HostFileReader.ReadDefault(TimeZoneFiles.Zones + name, MaxZone);
        if (zone is { IsRead: false } && asked is null)
        {
            var lost = given is null ? zone.Note("the container has no time zone") : $"time zone '{Quoted.Text(given)}', which container '{container.Record.Name}' was made with, is left out: {zone.Path}: {zone.Cause}";
            Tell(note, lost);
            return null;
        }

        if (zone is { IsRead: false } && zone.State != HostFileState.Absent)
        {
            throw new SandboxException($"cannot use time zone '{Quoted.Text(name)}': the image has none of that name, and '{zone.Path}' of this machine cannot be read: {zone.Cause}");
        }

        return new ZoneFacts(
            name, given is not null, inImage, zone is { IsRead: true } ? zone.Content : null,
            files.Read(TimeZoneFiles.LocalTime, MaxZone, "it counts as missing"), files.Exists("/etc/timezone"));
    }

    private static void Tell(Action<string>? note, string? text)
    {
        if (text is not null)
        {
            note?.Invoke(text);
        }
    }

    /// <summary>From the link /etc/localtime, which is all that holds the name (localtime(5)); null when it is none.</summary>
    private static string? HostName()
    {
        if (FileSystem.TryReadLink(PathZ.OfTerminated("/etc/localtime\0"u8), out var link) != Errno.None)
        {
            return null;
        }

        var target = NativeText.Decode(link);
        var zones = target.IndexOf("zoneinfo/", StringComparison.Ordinal);
        var name = zones < 0 ? string.Empty : target[(zones + "zoneinfo/".Length)..];
        return TimeZoneFiles.IsName(name) ? name : null;
    }
}
