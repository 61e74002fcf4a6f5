using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>Looks at the three standard streams of this process, which may become the command's; once at each.</summary>
internal sealed class StandardStreamProbe
{
    private readonly FileStatus?[] _streams = [Status(0), Status(1), Status(2)];

    /// <summary>From an open directory '..' leads to all of the host's others (CVE-2024-21626): whoever redirects one does so by mistake.</summary>
    internal void RequireNoDirectory(int stream)
    {
        if (_streams[stream] is { IsDirectory: true })
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

    /// <summary>Those that the command cannot have, or could not open by the names /dev/stdin, /dev/stdout and /dev/stderr.</summary>
    internal List<int> ToRelay()
    {
        var streams = new List<int>();
        for (var stream = 0; stream < 3; stream++)
        {
            if (_streams[stream] is { } status && MustBeRelayed(stream, status))
            {
                streams.Add(stream);
            }
        }

        return streams;
    }

    /// <summary>True when output and errors go to the same place.</summary>
    internal bool ErrorIsOutput() => _streams[1] is { } output && _streams[2] is { } error && (output.Device, output.Inode) == (error.Device, error.Inode);

    /// <summary>A pipe without a name: one in a file system is the host's, and stays whose it is.</summary>
    internal bool IsPipe(int stream)
    {
        const long PipeFileSystem = 0x50495045; // PIPEFS_MAGIC
        using var fd = Fd.Borrow(stream);
        return _streams[stream]?.Kind == FileKind.Fifo && FileSystem.StateOf(fd).Type == PipeFileSystem;
    }

    private static string Name(int stream) => stream switch { 0 => "standard input", 1 => "standard output", _ => "standard error" };

    /// <summary>Null when it is closed.</summary>
    private static FileStatus? Status(int stream)
    {
        using var fd = Fd.Borrow(stream);
        return FileSystem.TryStatus(fd, out var status) == Errno.None ? status : null;
    }

    /// <summary>
    /// A terminal is the host's. A socket cannot be opened (ENXIO); nor can what another user has made, as the pipes and files of who became this user by sudo(8),
    /// except with that user's leave.
    /// </summary>
    private static bool MustBeRelayed(int stream, FileStatus status) => status.Kind switch
    {
        FileKind.CharDevice => HostTerminal.IsTerminal(stream),
        FileKind.Socket => true,
        FileKind.Fifo or FileKind.Regular when status.Uid != CurrentUser.Uid => FileSystem.TryAccess(PathZ.From($"/proc/self/fd/{stream}"), write: stream != 0) == Errno.EACCES,
        _ => false,
    };
}
