using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Reads the time zone of the host, and what a container knows of it.</summary>
internal static class ZoneProbe
{
    private const int MaxZone = 1 << 17;
    private const int MaxName = 1 << 10;

    /// <summary>The facts; null when there is nothing to do: the host's time is universal time, or a mount of the run covers the file.</summary>
    /// <exception cref="SandboxException">What the run asks for is no zone's name.</exception>
    internal static ZoneFacts? Look(IContainer container, RunOptions run)
    {
        var asked = run.TimeZone is { } given && given != "local" ? given : null;
        if (asked is not null && !TimeZoneFiles.IsName(asked))
        {
            throw new SandboxException($"cannot use time zone '{Quoted.Text(asked)}': it is no zone's name", "names are such as Europe/Berlin or UTC");
        }

        var name = asked ?? HostName();
        if (name is null || (asked is null && TimeZoneFiles.IsUniversalName(name)) || NetworkFiles.IsCovered(TimeZoneFiles.LocalTime, run))
        {
            return null;
        }

        var inImage = container.ReadFile(TimeZoneFiles.Zones + name, MaxZone) is not null;
        return new ZoneFacts(
            name, asked is not null, inImage, inImage ? null : ReadZone(name), container.ReadFile(TimeZoneFiles.LocalTime, MaxZone),
            container.ReadFile("/etc/timezone", MaxName) is not null);
    }

    /// <summary>From the link /etc/localtime, which is all that holds the name (localtime(5)); null when it is none.</summary>
    private static string? HostName()
    {
        try
        {
            var target = NativeText.Decode(FileSystem.ReadLink(PathZ.OfTerminated("/etc/localtime\0"u8)));
            var zones = target.IndexOf("zoneinfo/", StringComparison.Ordinal);
            var name = zones < 0 ? string.Empty : target[(zones + "zoneinfo/".Length)..];
            return TimeZoneFiles.IsName(name) ? name : null;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private static byte[]? ReadZone(string name)
    {
        var error = FileSystem.TryOpen(null, PathZ.From(TimeZoneFiles.Zones + name), Tmds.Linux.LibC.O_RDONLY | Tmds.Linux.LibC.O_NONBLOCK, out var fd);
        using (fd)
        {
            return error == Errno.None && FileSystem.Status(fd!).Kind == FileKind.Regular ? FileSystem.ReadAll(fd!, MaxZone) : null;
        }
    }
}
