using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;
using static Tmds.Linux.LibC;

namespace Orca.Sandbox.Launch;

/// <summary>The first process of a container that a command joins, held by a descriptor, and what is seen of it from outside.</summary>
/// <remarks>
/// The descriptor is opened first, then the start of the process is compared with what its holder wrote down: the number cannot be another process's after that, and what is read
/// below /proc is that process's as long as it has not ended, which entering its namespaces by the descriptor tells.
/// </remarks>
internal sealed class JoinTarget : IDisposable
{
    private const int MaxFile = 1 << 16;
    private static readonly (string Name, NamespaceKinds Kind)[] s_kinds =
    [
        ("user", NamespaceKinds.User), ("mnt", NamespaceKinds.Mount), ("pid", NamespaceKinds.Pid), ("ipc", NamespaceKinds.Ipc), ("uts", NamespaceKinds.Uts),
        ("net", NamespaceKinds.Network), ("cgroup", NamespaceKinds.Cgroup),
    ];

    private JoinTarget(Fd process, JoinFacts facts) => (Process, Facts) = (process, facts);

    /// <summary>Refers to the process.</summary>
    internal Fd Process { get; }

    internal JoinFacts Facts { get; }

    /// <summary>Opens the container that the spec's command joins; null when it joins none.</summary>
    /// <exception cref="SandboxException">It has ended, or nothing can join it.</exception>
    internal static JoinTarget? Open(SandboxSpec spec)
    {
        if (spec.Joins is not { } identity)
        {
            return null;
        }

        var process = Kernel.TryOpenProcess(identity.Id) ?? throw Ended();
        try
        {
            if (ProcessBirth.Of(identity.Id) != identity.Born)
            {
                throw Ended();
            }

            var namespaces = Namespaces(identity.Id);
            if (!namespaces.HasFlag(NamespaceKinds.Mount))
            {
                throw new SandboxException($"cannot join the container: {Number(identity.Id)} has the files of the host");
            }

            var group = spec.Limits is null ? null : Group(identity.Id);
            return new JoinTarget(process, new JoinFacts(namespaces, FirstId(identity.Id, "uid_map"), FirstId(identity.Id, "gid_map"), group));
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Process.Dispose();

    /// <summary>The container has ended, or its first process has.</summary>
    internal static SandboxException Ended() => new("cannot join the container: it has ended", "'orca ps' lists those that run");

    private static string Number(int id) => string.Create(CultureInfo.InvariantCulture, $"process {id}");

    private static NamespaceKinds Namespaces(int process)
    {
        var kinds = NamespaceKinds.None;
        foreach (var (name, kind) in s_kinds)
        {
            if (Inode(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/{name}")) != Inode("/proc/self/ns/" + name))
            {
                kinds |= kind;
            }
        }

        return kinds;
    }

    private static ulong Inode(string path)
    {
        var error = FileSystem.TryOpen(null, PathZ.From(path), O_PATH, out var file);
        using (file)
        {
            return error switch
            {
                Errno.None => FileSystem.Status(file!).Inode,
                Errno.ENOENT or Errno.ESRCH => throw Ended(),
                _ => throw new SandboxException($"cannot join the container: look at '{path}': {error.Describe()}", "only the user whose container it is, and root, can join it"),
            };
        }
    }

    /// <summary>The first number of a map: which id inside the caller's own is (user_namespaces(7)).</summary>
    private static uint FirstId(int process, string map)
    {
        var text = HostFileReader.ReadDefault(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/{map}"), MaxFile).Text.AsSpan().TrimStart();
        var end = text.IndexOf(' ');
        return end > 0 && uint.TryParse(text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
    }

    /// <summary>A group that is frozen would hold whoever enters it, and nothing but a kill would help.</summary>
    private static string? Group(int process)
    {
        var own = ControlGroupProbe.OwnOf(HostFileReader.ReadDefault(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cgroup"), MaxFile).Text);
        if (own is null || ControlGroupProbe.Hierarchy() is not { } hierarchy)
        {
            throw new SandboxException("cannot join the container: its control group is not to be seen from here", "join the container from where it was started");
        }

        var path = hierarchy + own.TrimEnd('/');
        return HostFileReader.ReadDefault(path + "/cgroup.events", MaxFile).Text.Contains("frozen 1", StringComparison.Ordinal)
            ? throw new SandboxException("cannot join the container: it is frozen", $"thaw the container: echo 0 > {path}/cgroup.freeze") : path;
    }
}
