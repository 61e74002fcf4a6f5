using System.Globalization;
using System.Text;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Diagnosis;
using static Tmds.Linux.LibC;

namespace Orca.Sandbox.Launch;

/// <summary>A control group for one container, made where the host lets its caller make one (cgroups(7), version 2).</summary>
/// <remarks>
/// An ordinary user may limit only below a directory of the hierarchy that was delegated to them, as systemd does for a user's services and scopes.
/// Into a group one may move only out of groups below the nearest ancestor that one may write, so it is looked for from the caller's own group upwards.
/// A group holds either processes or groups with controllers, never both; when only the caller's own group is theirs, its processes move aside first.
/// The directory of a group is locked (flock(2)) as long as its maker uses it. Without the lock, a container that starts meanwhile would take a group for a leftover that no
/// process has entered yet, or whose events are still to be read.
/// </remarks>
internal sealed class ControlGroup(string path, Fd held) : IDisposable
{
    /// <summary>What to do where the host gives no group.</summary>
    internal const string Hint = "start it in a group of your own: systemd-run --user --scope -p Delegate=yes orca run ...; else an administrator must delegate one";

    private const string Prefix = "orca-";
    private const int MaxFile = 1 << 16;
    private bool _limitsMemory;

    /// <summary>The group's directory; a process that writes 0 to its cgroup.procs is in it.</summary>
    internal string Path => path;

    /// <summary>Makes the group of a container; null where it has no limits, or the command joins one that runs.</summary>
    /// <exception cref="SandboxException">The host does not let this user limit what is asked for.</exception>
    internal static ControlGroup? MakeFor(SandboxSpec spec) =>
        spec is { Joins: null, Limits: { } limits } ? Make(limits, ControlGroupProbe.Hierarchy(), ControlGroupProbe.Own()) : null;

    /// <summary>Makes the group and sets the limits.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="hierarchy">Where cgroup2 is mounted; null when it is not.</param>
    /// <param name="own">The caller's group in the hierarchy (proc_pid_cgroup(5)); null when there is none.</param>
    /// <exception cref="SandboxException">The host does not let this user limit what is asked for.</exception>
    internal static ControlGroup Make(GroupLimits limits, string? hierarchy, string? own)
    {
        if (hierarchy is null || own is null)
        {
            throw Impossible("the host has no control groups of version 2", Hint);
        }

        var needed = Controllers(limits);
        var parent = Parent(hierarchy, own, needed);
        Sweep(parent);
        var group = MakeLocked(parent);
        try
        {
            group.Set(limits);
            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    /// <summary>Whether the kernel has killed a process for the group's limit of memory; null where no such limit is set.</summary>
    internal bool? WasOutOfMemory() => !_limitsMemory ? null : Read(path + "/memory.events").Split('\n').Any(static line => line.StartsWith("oom_kill ", StringComparison.Ordinal) && line != "oom_kill 0");

    /// <summary>Lets the lock outlive execve(2).</summary>
    internal void Outlive() => Kernel.SetCloseOnExec(held.Number, false);

    /// <summary>Removes the group once nothing is in it; what still dies there is swept by a later container.</summary>
    public void Dispose()
    {
        FileSystem.TryUnlink(null, Z(path), directory: true);
        held.Dispose();
    }

    private static ControlGroup MakeLocked(string parent)
    {
        while (true)
        {
            var path = $"{parent}/{Prefix}{Guid.NewGuid():N}";
            var error = FileSystem.TryMakeDirectory(null, Z(path), 0b111_101_101);
            if (error != Errno.None)
            {
                throw Impossible($"make '{path}': {error.Describe()}", null);
            }

            error = FileSystem.TryOpen(null, Z(path), O_RDONLY | O_DIRECTORY, out var directory);
            if (error == Errno.None && (FileSystem.TryLock(directory!, exclusive: true, wait: true) != Errno.None || FileSystem.TryStatus(null, Z(path), out _) == Errno.None))
            {
                return new ControlGroup(path, directory!);
            }

            directory?.Dispose();
            if (error is not (Errno.None or Errno.ENOENT)) // those two: another container swept it before it was locked
            {
                FileSystem.TryUnlink(null, Z(path), directory: true);
                throw Impossible($"open '{path}': {error.Describe()}", null);
            }
        }
    }

    private static List<string> Controllers(GroupLimits limits)
    {
        var needed = new List<string>(3);
        if (limits.Memory is not null || limits.MemoryAndSwap is not null)
        {
            needed.Add("memory");
        }

        if (limits.Processes is not null)
        {
            needed.Add("pids");
        }

        if (limits.NanoCpus is not null)
        {
            needed.Add("cpu");
        }

        return needed;
    }

    private static string Parent(string hierarchy, string own, List<string> needed)
    {
        var ownPath = hierarchy + own.TrimEnd('/');
        for (var path = ownPath; path.Length >= hierarchy.Length; path = path[..path.LastIndexOf('/')])
        {
            if (IsWritable(path) && IsWritable(path + "/cgroup.procs") && Lacking(path + "/cgroup.subtree_control", needed) is null)
            {
                return path;
            }
        }

        if (Lacking(hierarchy + "/cgroup.controllers", needed) is { } off)
        {
            throw Impossible($"this kernel has no {off} controller", HostHints.OfController(off));
        }

        if (Lacking(ownPath + "/cgroup.controllers", needed) is { } lacking)
        {
            throw Impossible($"the control group '{own}' has no {lacking} controller", Hint);
        }

        if (!IsWritable(ownPath) || !IsWritable(ownPath + "/cgroup.subtree_control"))
        {
            throw Impossible($"the control group '{own}' is not delegated to you", Hint);
        }

        MoveAside(ownPath, needed);
        return ownPath;
    }

    private static void MoveAside(string path, List<string> needed)
    {
        var aside = path + "/" + Prefix + "host";
        FileSystem.TryMakeDirectory(null, Z(aside), 0b111_101_101);
        foreach (var process in Read(path + "/cgroup.procs").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var moved = TryWrite(aside + "/cgroup.procs", process);
            if (moved is not (Errno.None or Errno.ESRCH))
            {
                throw Impossible($"move process {process} to '{aside}': {moved.Describe()}", Hint);
            }
        }

        var error = TryWrite(path + "/cgroup.subtree_control", "+" + string.Join(" +", needed));
        if (error != Errno.None)
        {
            throw Impossible($"enable {string.Join(", ", needed)} in '{path}': {error.Describe()}", Hint);
        }
    }

    /// <summary>What a killed orca left; the kernel keeps a group that holds a process.</summary>
    private static void Sweep(string parent)
    {
        foreach (var name in HostFileReader.ListDefault(parent).Names)
        {
            var left = $"{parent}/{name}";
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && !left.EndsWith("/" + Prefix + "host", StringComparison.Ordinal) && Read(left + "/cgroup.events").Contains("populated 0", StringComparison.Ordinal)
                && FileSystem.TryOpen(null, Z(left), O_RDONLY | O_DIRECTORY, out var directory) == Errno.None)
            {
                using (directory)
                {
                    if (FileSystem.TryLock(directory!, exclusive: true, wait: false) == Errno.None)
                    {
                        FileSystem.TryUnlink(null, Z(left), directory: true);
                    }
                }
            }
        }
    }

    private void Set(GroupLimits limits)
    {
        if (limits.Processes is { } processes)
        {
            Set("pids.max", Text(processes));
        }

        if (limits.NanoCpus is { } cpus)
        {
            const long period = 100_000; // microseconds; the kernel takes no quota below 1000
            Set("cpu.max", $"{Text(Math.Max(cpus / (1_000_000_000 / period), 1000))} {Text(period)}");
        }

        if (limits.Memory is { } memory)
        {
            _limitsMemory = true;
            Set("memory.max", Text(memory));
            var swap = limits.MemoryAndSwap is { } both ? both < 0 ? "max" : Text(Math.Max(both - memory, 0)) : Text(memory); // as Docker: as much swap as memory
            var error = TryWrite(path + "/memory.swap.max", swap);
            if (error != Errno.None && limits.MemoryAndSwap is not null)
            {
                throw Impossible($"set memory.swap.max: {error.Describe()}", "the kernel does not count swap");
            }
        }
    }

    private void Set(string file, string value)
    {
        var error = TryWrite($"{path}/{file}", value);
        if (error != Errno.None)
        {
            throw Impossible($"set {file} to {value}: {error.Describe()}", null);
        }
    }

    /// <summary>The first of the controllers that the file does not name; null when it names all.</summary>
    private static string? Lacking(string file, List<string> needed)
    {
        var present = Read(file).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return needed.Find(controller => !present.Contains(controller));
    }

    private static bool IsWritable(string path) => FileSystem.TryAccess(Z(path), write: true) == Errno.None;

    private static string Read(string path) => HostFileReader.ReadDefault(path, MaxFile).Text;

    private static Errno TryWrite(string path, string value)
    {
        // The kernel makes the files; O_CREAT is for trees that only look like a hierarchy, and fails where a file is missing in a real one.
        var error = FileSystem.TryOpen(null, Z(path), O_WRONLY | O_CREAT, out var fd, 0b110_100_100);
        using (fd)
        {
            return error == Errno.None ? FileSystem.TryWriteSome(fd!, Encoding.ASCII.GetBytes(value), out _) : error;
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static PathZ Z(string path) => PathZ.From(NativeText.Encode(path));

    private static SandboxException Impossible(string cause, string? hint) => new($"cannot limit the container: {cause}", hint);
}
