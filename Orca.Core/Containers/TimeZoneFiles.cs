using System.Text;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>Gives a container a time zone by name, so that software finds the name too, not only the offset.</summary>
/// <remarks>
/// /etc/localtime becomes a symbolic link into the image's own zone data (localtime(5)); an image without such data gets the host's file of the zone there.
/// A mount would be simpler, but what is a mount point cannot be replaced, and package managers replace this file.
/// </remarks>
internal static class TimeZoneFiles
{
    /// <summary>Where the zone of a system is kept.</summary>
    internal const string LocalTime = "/etc/localtime";

    /// <summary>Where zones lie, by name.</summary>
    internal const string Zones = "/usr/share/zoneinfo/";

    private const string NameFile = "/etc/timezone";

    /// <summary>The files to put in the root; none when the image has a zone of its own and the run asks for none.</summary>
    /// <exception cref="SandboxException">Neither image nor host knows the zone that is asked for.</exception>
    internal static IReadOnlyList<RootFile> Of(ZoneFacts? facts)
    {
        if (facts is null || (!facts.Asked && facts.Current is { } current && !IsUniversal(current)))
        {
            return [];
        }

        if (!facts.InImage && facts.HostZone is null)
        {
            return !facts.Asked ? [] : throw new SandboxException(
                $"cannot use time zone '{Quoted.Text(facts.Name)}': neither the image nor this machine has {Zones}{Quoted.Text(facts.Name)}", "names are such as Europe/Berlin or UTC");
        }

        var files = new List<RootFile>(2)
        {
            new RootFile(LocalTime, facts.InImage ? Zones + facts.Name : null, facts.InImage ? default : facts.HostZone) { MayLack = true },
        };
        if (facts.HasNameFile)
        {
            files.Add(new RootFile(NameFile, null, Encoding.ASCII.GetBytes(facts.Name + "\n")) { MayLack = true });
        }

        return files;
    }

    /// <summary>True for a zone's name that can be a path below <see cref="Zones"/> and nothing else.</summary>
    internal static bool IsName(string name) =>
        name.Length is > 0 and < 128 && char.IsAsciiLetter(name[0]) && name[^1] != '/' && !name.Contains("..", StringComparison.Ordinal)
        && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '+' or '-' or '/');

    /// <summary>True for the names of universal time, which images have anyway.</summary>
    internal static bool IsUniversalName(string name) => name is "UTC" or "Etc/UTC" or "Etc/UCT" or "UCT" or "Zulu" or "Etc/Zulu" or "Universal" or "Etc/Universal" or "Etc/GMT" or "GMT";

    /// <summary>True for zone data (tzfile(5)) whose last line, the rule from now on, is that of universal time.</summary>
    private static bool IsUniversal(byte[] zone) => zone.AsSpan().EndsWith("\nUTC0\n"u8) || zone.AsSpan().EndsWith("\nGMT0\n"u8);
}

/// <summary>What is known of the zone that a container is to have.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Asked">True when the run asks for it; false when it is the host's.</param>
/// <param name="InImage">True when the image has data of the zone.</param>
/// <param name="HostZone">The host's data of the zone; null when it has none, or the image has.</param>
/// <param name="Current">The container's /etc/localtime; null when it has none.</param>
/// <param name="HasNameFile">True when the container has /etc/timezone.</param>
public sealed record ZoneFacts(string Name, bool Asked, bool InImage, byte[]? HostZone, byte[]? Current, bool HasNameFile);
