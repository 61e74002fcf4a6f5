using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>Looks at the three standard streams of this process, which may become the command's.</summary>
internal static class StandardStreamProbe
{
    /// <summary>From an open directory '..' leads to all of the host's others (CVE-2024-21626): whoever redirects one does so by mistake.</summary>
    internal static void RequireNoDirectory(int stream)
    {
        using var fd = Fd.Borrow(stream);
        if (FileSystem.TryStatus(fd, out var status) == Errno.None && status.IsDirectory)
        {
            throw new SandboxException($"cannot pass {Name(stream)} to the container: it is a directory, through which all of the host could be reached", "redirect it from or to a file, or /dev/null");
        }
    }

    /// <summary>What a program hands to a command is neither a directory nor a terminal.</summary>
    internal static void RequireLendable(Fd file, int stream)
    {
        if (FileSystem.TryStatus(file, out var status) == Errno.None && status.IsDirectory)
        {
            throw new SandboxException($"cannot pass {Name(stream)} to the container: the handle is a directory, through which all of the host could be reached");
        }

        if (HostTerminal.IsTerminal(file.Number))
        {
            throw new SandboxException($"cannot pass {Name(stream)} to the container: the handle is a terminal, which only its user may read and set; copy from or to it as a stream");
        }
    }

    private static string Name(int stream) => stream switch { 0 => "standard input", 1 => "standard output", _ => "standard error" };

    /// <summary>Those that the command cannot have, or could not open by the names /dev/stdin, /dev/stdout and /dev/stderr.</summary>
    internal static List<int> ToRelay()
    {
        var streams = new List<int>();
        for (var stream = 0; stream < 3; stream++)
        {
            if (HostTerminal.IsTerminal(stream) || !CanBeOpenedAgain(stream))
            {
                streams.Add(stream);
            }
        }

        return streams;
    }

    /// <summary>True when output and errors go to the same place.</summary>
    internal static bool ErrorIsOutput()
    {
        using var output = Fd.Borrow(1);
        using var error = Fd.Borrow(2);
        return FileSystem.TryStatus(output, out var one) == Errno.None && FileSystem.TryStatus(error, out var other) == Errno.None
            && (one.Device, one.Inode) == (other.Device, other.Inode);
    }

    /// <summary>A pipe without a name: one in a file system is the host's, and stays whose it is.</summary>
    internal static bool IsPipe(int stream)
    {
        const long PipeFileSystem = 0x50495045; // PIPEFS_MAGIC
        using var fd = Fd.Borrow(stream);
        return FileSystem.TryStatus(fd, out var status) == Errno.None && status.Kind == FileKind.Fifo && FileSystem.StateOf(fd).Type == PipeFileSystem;
    }

    /// <summary>A socket cannot be opened (ENXIO); nor can what another user has made, as the pipes and files of who became this user by sudo(8), except with that user's leave.</summary>
    private static bool CanBeOpenedAgain(int stream)
    {
        using var fd = Fd.Borrow(stream);
        return FileSystem.TryStatus(fd, out var status) != Errno.None || status.Kind switch
        {
            FileKind.Socket => false,
            FileKind.Fifo or FileKind.Regular when status.Uid != CurrentUser.Uid => FileSystem.TryAccess(PathZ.From($"/proc/self/fd/{stream}"), write: stream != 0) != Errno.EACCES,
            _ => true,
        };
    }
}
