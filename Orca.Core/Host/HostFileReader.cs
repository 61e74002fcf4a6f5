using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Core.Host;

/// <summary>The one way to read files that orca did not make: at a default place, where a file may be missing, or where the user named one.</summary>
/// <remarks>
/// No method throws for what it finds; the caller passes the file over with <see cref="HostFile.Note"/>, or throws an error of its own that names it. <c>docs/host-files.md</c> lists
/// the files. Files of an image are not for these methods: they are read below the descriptor of the container's root.
/// </remarks>
public static class HostFileReader
{
    private static readonly (uint Major, uint Minor) s_null = (1, 3);

    /// <summary>Reads a file at a default place. Never waits: only a regular file is read, and /dev/null, which administrators link to for an empty one.</summary>
    /// <param name="path">The path, as <see cref="NativeText"/>.</param>
    /// <param name="limit">The most bytes that the file may have.</param>
    public static HostFile ReadDefault(string path, int limit) => Read(path, limit, O_RDONLY | O_NONBLOCK | O_NOCTTY, isNamed: false);

    /// <summary>Reads a file that the user named, once and to its end. A pipe, a terminal or a socket that was inherited serves as well, and is waited for.</summary>
    /// <remarks>
    /// A descriptor of this process (<c>/dev/stdin</c>, <c>/dev/fd/63</c> of a shell's <c>&lt;(command)</c>) is opened anew where the kernel allows it, and read as it is where it does
    /// not: sockets have no name to open, and a pipe that <c>sudo -u</c> passed on belongs to another user.
    /// </remarks>
    /// <param name="path">The path, as <see cref="NativeText"/>.</param>
    /// <param name="limit">The most bytes that the file may have.</param>
    public static HostFile ReadNamed(string path, int limit) => Read(path, limit, O_RDONLY | O_NOCTTY, isNamed: true);

    /// <summary>Lists a directory at a default place, by name.</summary>
    /// <returns>What came of opening it, and the names in it, which are none unless it could be listed.</returns>
    public static (HostFile Listing, IReadOnlyList<string> Names) ListDefault(string path)
    {
        var bytes = NativeText.Encode(path);
        var error = FileSystem.TryOpen(null, PathZ.From(bytes), O_RDONLY | O_DIRECTORY | O_NONBLOCK, out var directory);
        using (directory)
        {
            try
            {
                var names = error == Errno.None ? DirectoryReader.ReadAll(directory!).Select(static entry => NativeText.Decode(entry.Name)).Order(StringComparer.Ordinal).ToArray() : [];
                return (new HostFile(path, error == Errno.None ? HostFileState.Read : StateOf(error, bytes), CauseOf(error), [], default), names);
            }
            catch (LinuxException e)
            {
                return (new HostFile(path, HostFileState.Unreadable, e.Errno.Describe(), [], default), []);
            }
        }
    }

    /// <summary>Whether a default place has a file that holds something and may be read; for files that another library reads.</summary>
    public static bool IsReadable(string path)
    {
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(path)), O_RDONLY | O_NONBLOCK | O_NOCTTY, out var file);
        using (file)
        {
            return error == Errno.None && FileSystem.TryStatus(file!, out var status) == Errno.None && status is { Kind: FileKind.Regular, Size: > 0 };
        }
    }

    /// <summary>Whether the path leads to a pipe, which can be read once only.</summary>
    public static bool IsPipe(string path)
    {
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(path)), O_PATH, out var file);
        using (file)
        {
            return error == Errno.None && FileSystem.TryStatus(file!, out var status) == Errno.None && status.Kind == FileKind.Fifo;
        }
    }

    /// <summary>Looks at a file that the user named without reading it, since a pipe can be read once only.</summary>
    /// <returns>Why it cannot be read, in words; null when nothing speaks against it.</returns>
    public static string? Problem(string path)
    {
        var bytes = NativeText.Encode(path);
        var error = FileSystem.TryOpen(null, PathZ.From(bytes), O_PATH, out var file);
        using (file)
        {
            var kind = error == Errno.None ? FileSystem.Status(file!).Kind : FileKind.Regular;
            if (kind == FileKind.Directory)
            {
                return "it is a directory";
            }

            if (error == Errno.None && kind == FileKind.Regular)
            {
                error = FileSystem.TryOpen(null, PathZ.From(bytes), O_RDONLY | O_NONBLOCK | O_NOCTTY, out var opened); // opening anything else may have an effect
                opened?.Dispose();
            }
            else if (error == Errno.None)
            {
                error = FileSystem.TryAccess(PathZ.From(bytes), write: false);
            }
        }

        return error == Errno.None || (DescriptorOf(path) is { } number && Kernel.IsInherited(number)) ? null : error.Describe();
    }

    private static HostFile Read(string path, int limit, int flags, bool isNamed)
    {
        var bytes = NativeText.Encode(path);
        if (bytes.AsSpan().Contains((byte)0))
        {
            return new HostFile(path, HostFileState.Unreadable, Errno.EINVAL.Describe(), [], default);
        }

        var error = FileSystem.TryOpen(null, PathZ.From(bytes), flags, out var file);
        if (isNamed && error is Errno.ENXIO or Errno.EACCES && DescriptorOf(path) is { } number && Kernel.IsInherited(number))
        {
            (file, error) = (Fd.Borrow(number), Errno.None);
        }

        using (file)
        {
            return error == Errno.None ? Read(path, file!, limit, isNamed) : new HostFile(path, StateOf(error, bytes), CauseOf(error), [], default);
        }
    }

    private static HostFile Read(string path, Fd file, int limit, bool isNamed)
    {
        try
        {
            var status = FileSystem.Status(file);
            HostFile Fails(HostFileState state, string cause) => new(path, state, cause, [], status);
            if (status.IsDirectory || (!isNamed && status.Kind != FileKind.Regular && !(status.Kind == FileKind.CharDevice && status.DeviceNumber == s_null)))
            {
                return Fails(HostFileState.NotAFile, $"it is a {NameOf(status.Kind)}");
            }

            return status.Kind == FileKind.Regular && status.Size > limit ? Fails(HostFileState.TooLarge, TooLarge(limit))
                : new HostFile(path, HostFileState.Read, string.Empty, FileSystem.ReadAll(file, limit, status.Kind == FileKind.Regular ? status.Size : 0), status);
        }
        catch (LinuxException e)
        {
            return e.Errno == Errno.EFBIG ? new HostFile(path, HostFileState.TooLarge, TooLarge(limit), [], default)
                : new HostFile(path, HostFileState.Unreadable, e.Errno.Describe(), [], default);
        }
    }

    /// <summary>EACCES alone does not say whether the file or a directory above is closed; what can be opened as a mere path is there.</summary>
    private static HostFileState StateOf(Errno error, byte[] path)
    {
        switch (error)
        {
            case Errno.ENOENT or Errno.ENOTDIR:
                return HostFileState.Absent;
            case Errno.EACCES or Errno.EPERM:
                var found = FileSystem.TryOpen(null, PathZ.From(path), O_PATH, out var file);
                file?.Dispose();
                return found == Errno.None ? HostFileState.Closed : HostFileState.Hidden;
            case Errno.ELOOP: // of the file itself, or of a directory above, behind which nobody can know whether there is one
                return FileSystem.TryStatus(null, PathZ.From(path), out _) == Errno.None ? HostFileState.Unreadable : HostFileState.Hidden;
            case Errno.ENXIO or Errno.ENODEV or Errno.EISDIR:
                return HostFileState.NotAFile;
            default:
                return HostFileState.Unreadable;
        }
    }

    private static string CauseOf(Errno error) => error switch
    {
        Errno.ENXIO => "it is a socket, or a device that is not there",
        _ => error.Describe(),
    };

    private static string TooLarge(int limit) => limit >= 1 << 20 ? $"it is larger than {limit >> 20} MiB" : $"it is larger than {limit} bytes";

    private static string NameOf(FileKind kind) => kind switch
    {
        FileKind.Directory => "directory",
        FileKind.Fifo => "pipe",
        FileKind.Socket => "socket",
        _ => "device",
    };

    /// <summary>The number of a descriptor that the path names; null for other paths.</summary>
    private static int? DescriptorOf(string path)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["/dev/fd/", "/proc/self/fd/"])
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal)
                && int.TryParse(path.AsSpan(prefix.Length), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }
        }

        return path == "/dev/stdin" ? 0 : null;
    }
}
