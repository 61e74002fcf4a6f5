using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>Decides what a run's <see cref="SecurityOptions"/> come to.</summary>
internal static class SecurityReader
{
    private const int MaxProfile = 1 << 20;

    /// <summary>What the container may do at most.</summary>
    /// <exception cref="SandboxException">A capability is unknown, or would be one over the host.</exception>
    internal static CapabilitySet Capabilities(SecurityOptions options, UserNamespaceMode ids)
    {
        if (ids != UserNamespaceMode.Host)
        {
            return (options.Privileged == true ? CapabilitySet.All : CapabilitySet.Default).With(options.AddCapabilities, options.DropCapabilities);
        }

        // Without a user namespace these are the machine's, and nothing but them stands between the container and it: orca has no cgroup that
        // keeps a device node from being opened, so nobody gets to make one.
        return options is { Privileged: not true, AddCapabilities.Count: 0, ShowSystemPaths: not true }
            ? CapabilitySet.Default.With([], ["MKNOD", .. options.DropCapabilities])
            : throw new SandboxException(
                "cannot give more than Docker's default with '--userns=host': '--privileged', '--cap-add' and 'systempaths=unconfined' would give the host itself",
                "leave '--userns=host' out: in a user namespace of its own, the container can have them");
    }

    /// <summary>Whether nothing is gained by exec: with one id there is nobody to become; with real ids set-uid programs such as su(1) are for that, as in Docker.</summary>
    internal static bool NoNewPrivileges(SecurityOptions options, UserNamespaceMode ids) => ids != UserNamespaceMode.SubIds || options.NoNewPrivileges == true;

    /// <summary>The options with the policy in them where it comes from a pipe.</summary>
    /// <exception cref="SandboxException">The policy cannot be read: nothing is made for a run that cannot be.</exception>
    internal static SecurityOptions WithPolicy(SecurityOptions options)
    {
        if (options is not { Seccomp: { } path and not SecurityOptions.Unconfined, SeccompPolicy: null })
        {
            return options;
        }

        var file = Open(path);
        return file.Status.Kind == FileKind.Regular ? options : options with { SeccompPolicy = NativeText.Decode(file.Content) };
    }

    /// <summary>Which system calls it may make. Reads the policy's file each time: a container does not carry on with one that is gone.</summary>
    /// <exception cref="SandboxException">The file cannot be read.</exception>
    internal static SeccompChoice Seccomp(SecurityOptions options) => options switch
    {
        { Seccomp: null } => options.Privileged == true ? SeccompChoice.Unconfined : SeccompChoice.Default,
        { Seccomp: SecurityOptions.Unconfined } => SeccompChoice.Unconfined,
        { SeccompPolicy: { } policy } => SeccompChoice.Of(options.Seccomp, NativeText.Encode(policy)),
        _ => SeccompChoice.Of(options.Seccomp, Open(options.Seccomp).Content),
    };

    private static HostFile Open(string path)
    {
        var file = HostFileReader.ReadNamed(path, MaxProfile);
        return file.IsRead ? file : throw new SandboxException(
            $"cannot read the seccomp policy '{Quoted.Text(path)}': {file.Cause}", "name another with '--security-opt seccomp=FILE', which a kept container then remembers, or allow all system calls with '--security-opt seccomp=unconfined'");
    }
}
