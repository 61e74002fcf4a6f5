using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Parsing;

/// <summary>The words that Docker and podman take for a mount of a host path, in <c>-v</c> after the second colon and in <c>--mount</c> as fields.</summary>
internal static class MountWords
{
    /// <summary>The mount with one more word; null when the word is not known.</summary>
    /// <exception cref="ReferenceException">It asks for what cannot be done without root.</exception>
    public static BindMount? Apply(BindMount mount, string text, string word) => word switch
    {
        "ro" or "rro" => mount with { ReadOnly = true },
        "rw" => mount with { ReadOnly = false },
        "noexec" => mount with { NoExec = true },
        "nodev" => mount with { NoDevices = true },
        "nosuid" => mount with { NoSetUid = true },
        "exec" => mount with { NoExec = false },
        "dev" => mount with { NoDevices = false },
        "suid" => mount with { NoSetUid = false },
        "rbind" or "private" or "rprivate" or "nocopy" => mount, // what a bind mount of orca's is
        "cached" or "delegated" or "consistent" or "default" => mount, // hints of Docker's for other systems
        "z" or "Z" => mount, // the reader notes them
        "U" => mount, // the files are the caller's, and with one id everybody inside is that
        "no-dereference" => throw MountPath.Wrong(text, "a symbolic link as source is followed", "leave 'no-dereference' out, or mount the directory that the link is in"),
        _ when MountPath.IsPropagation(word) => throw MountPath.Propagation(text, word, $"leave '{word}' out; what is mounted on this machine later is seen by a container that starts after it"),
        "O" => throw MountPath.Wrong(text, "changes to a directory of the host cannot be thrown away at the end", "mount it read-only (':ro'), or a copy of it"),
        "idmap" => throw MountPath.Wrong(text, "without root the ids of files cannot be mapped", "leave 'idmap' out: with one id, what is yours outside is the container's inside"),
        "copy" => throw MountPath.Wrong(text, "only a named volume is filled from the image, and this is a directory of the host", "leave 'copy' out"),
        _ when word.StartsWith("idmap=", StringComparison.Ordinal) => Apply(mount, text, "idmap"),
        _ when word.StartsWith("upperdir=", StringComparison.Ordinal) || word.StartsWith("workdir=", StringComparison.Ordinal) => Apply(mount, text, "O"),
        _ => null,
    };

    /// <summary>Refuses what would need the mounts below a source to be left out or treated in another way; without such mounts there is no difference.</summary>
    /// <exception cref="ReferenceException">Something is mounted below.</exception>
    public static void RequireNothingBelow(string text, string word, string source)
    {
        if (HostMounts.Below(source) is { } below)
        {
            throw MountPath.Wrong(
                text, $"'{word}' cannot be: '{Quoted.Text(below)}' is mounted below, and without root it can be neither left out nor treated in another way",
                $"leave '{word}' out");
        }
    }
}
