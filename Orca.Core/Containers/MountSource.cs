using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Core.Containers;

/// <summary>The source of a mount on this machine, looked at without opening what is there.</summary>
public static class MountSource
{
    /// <summary>Looks at it.</summary>
    /// <param name="source">The path (<see cref="NativeText"/>).</param>
    /// <param name="kind">What is there, symbolic links followed.</param>
    /// <returns>Why it cannot be mounted, as a cause and a hint; null when it can.</returns>
    public static MountProblem? Problem(string source, out FileKind kind)
    {
        kind = default;
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(source)), O_PATH, out var fd);
        using (fd)
        {
            if (error == Errno.None)
            {
                error = FileSystem.TryStatus(fd!, out var status); // ENOTCONN and EIO of a network's file system that is gone
                kind = status.Kind;
                if (error == Errno.None)
                {
                    return IsPath(source) ? null : new MountProblem(
                        "it is an open file of this process, such as a pipe, and not a path of this machine", "give the path of a file: a shell's '<(...)' is none");
                }
            }
        }

        return new MountProblem(error.Describe(), MissingSource.Hint(source, error));
    }

    /// <summary>Fails when a source cannot be mounted.</summary>
    /// <returns>What is there.</returns>
    /// <exception cref="ReferenceException">It cannot.</exception>
    public static FileKind Require(string source) => Problem(source, out var kind) is { } problem
        ? throw new ReferenceException($"cannot mount '{Quoted.Text(source)}': {problem.Cause}", problem.Hint) : kind;

    /// <summary>False for what is only reached through a descriptor (links of /proc): a new mount namespace does not have it, and the kernel would answer EINVAL.</summary>
    private static bool IsPath(string source)
    {
        using var root = FileSystem.Open(null, PathZ.From("/"), O_PATH);
        var error = FileSystem.TryOpenInRoot(root, PathZ.From(NativeText.Encode(source)), O_PATH, out var fd);
        fd?.Dispose();
        return error != Errno.ELOOP;
    }
}

/// <summary>Why a mount cannot be made.</summary>
/// <param name="Cause">The reason, to follow a colon.</param>
/// <param name="Hint">What helps; null when nothing is known.</param>
public sealed record MountProblem(string Cause, string? Hint = null);
