using System.Globalization;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;
using Orca.Sandbox.SubIds;

namespace Orca.Sandbox.Launch;

/// <summary>Reads from the host what a plan depends on: by looking, never by version numbers.</summary>
internal static class HostProbe
{
    private const int MaxProcessors = 8192;
    private static readonly long[] s_kernelFileSystems = [0x9fa0, 0x62656572]; // PROC_SUPER_MAGIC, SYSFS_MAGIC

    /// <summary>The facts for one spec.</summary>
    /// <exception cref="SandboxException">A mount's source is missing, or a standard stream is what may not go in.</exception>
    internal static HostFacts Read(SandboxSpec spec)
    {
        if (spec.Terminal)
        {
            return ReadFacts(spec) with { Terminal = HostTerminal.Facts() };
        }

        if (spec.Detached)
        {
            return ReadFacts(spec);
        }

        var streams = new StandardStreamProbe();
        for (var stream = spec.PassInput ? 0 : 1; stream < 3; stream++)
        {
            streams.RequireNoDirectory(stream);
        }

        return ReadFacts(spec) with
        {
            Pipes = !spec.UserNamespace.HasOneId() && spec.Uid != 0 ? [.. Enumerable.Range(0, 3).Where(streams.IsPipe)] : [],
            StreamsToRelay = streams.ToRelay(),
            ErrorIsOutput = streams.ErrorIsOutput(),
        };
    }

    /// <summary>The facts for a spec whose command gets streams of its own: nothing of this process's is looked at.</summary>
    internal static HostFacts Read(SandboxSpec spec, SandboxStart start)
    {
        SandboxStream[] streams = [start.Input, start.Output, start.Error];
        int[] passed = spec.PassInput ? [0, 1, 2] : [1, 2];
        return ReadFacts(spec) with { StreamsToRelay = passed, LentStreams = [.. passed.Where(stream => !streams[stream].IsPipe)] };
    }

    /// <summary>The facts for a spec whose command prints into a log.</summary>
    internal static HostFacts ReadDetached(SandboxSpec spec) => ReadFacts(spec) with { StreamsToRelay = [0, 1, 2], Terminal = spec.Terminal ? TerminalFacts.Default : null };

    private static HostFacts ReadFacts(SandboxSpec spec) => spec.Joins is not null ? new() { Uid = CurrentUser.Uid, Gid = CurrentUser.Gid, SourceIsDirectory = [], Devices = [] } : new()
    {
        Uid = CurrentUser.Uid,
        Gid = CurrentUser.Gid,
        SubIds = spec.UserNamespace == UserNamespaceMode.SubIds ? SubIds() : null,
        SourceIsDirectory = Sources(spec.Mounts, static source => FileSystem.Status(source).IsDirectory),
        SourceIsKernel = Sources(spec.Mounts, static source => Array.IndexOf(s_kernelFileSystems, FileSystem.StateOf(source).Type) >= 0),
        Devices = Devices(),
        ThermalThrottle = ThermalThrottle(),
        WithoutOverlay = spec.Root.Copy is not null,
    };

    private static SubordinateIds SubIds()
    {
        var finding = SubIdReader.OfHost().Find(CurrentUser.Uid, CurrentUser.Gid);
        return finding.Ids ?? throw new SandboxException($"cannot use '--userns=subids': {finding.Problem}", finding.Cure);
    }

    private static bool[] Sources(IReadOnlyList<BindMount> mounts, Func<Fd, bool> test)
    {
        var answers = new bool[mounts.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = Test(mounts[i].Source, test);
        }

        return answers;
    }

    private static bool Test(string source, Func<Fd, bool> test)
    {
        if (MountSource.Problem(source, out _) is { } problem)
        {
            throw new SandboxException($"cannot mount '{Quoted.Text(source)}': {problem.Cause}", problem.Hint);
        }

        using var fd = FileSystem.Open(null, PathZ.From(NativeText.Encode(source)), Tmds.Linux.LibC.O_PATH);
        return test(fd);
    }

    /// <summary>A node whose numbers are not those of its name (an outer container may have put anything there) is left out.</summary>
    private static List<string> Devices()
    {
        var devices = new List<string>(DefaultSandbox.Devices.Length);
        foreach (var (name, major, minor) in DefaultSandbox.Devices)
        {
            if (FileSystem.TryStatus(null, PathZ.From("/dev/" + name), out var status) == Errno.None
                && status.Kind == FileKind.CharDevice && status.DeviceNumber == (major, minor))
            {
                devices.Add(name);
            }
        }

        return devices;
    }

    private static List<string> ThermalThrottle()
    {
        var paths = new List<string>();
        for (var processor = 0; processor < MaxProcessors; processor++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/sys/devices/system/cpu/cpu{processor}/thermal_throttle");
            if (FileSystem.TryStatus(null, PathZ.From(path), out _) != Errno.None)
            {
                return paths;
            }

            paths.Add(path);
        }

        return paths;
    }
}
