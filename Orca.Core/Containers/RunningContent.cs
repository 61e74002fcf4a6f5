using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Core.Containers;

/// <summary>Files of a container that runs, below the root of its first process, as that sees them. Untrusted: the container changes them meanwhile.</summary>
/// <remarks>As <see cref="RunningFiles"/> does, nothing is waited for, links lead nowhere but into the root, and files of /proc, which could be this process's, do not count.</remarks>
internal sealed class RunningContent : IContainerContent, IDisposable
{
    private const long ProcFileSystem = 0x9fa0; // PROC_SUPER_MAGIC
    private readonly Fd _root;

    private RunningContent(Fd root) => _root = root;

    /// <summary>Opens the root; null when the process has ended.</summary>
    internal static RunningContent? Open(ProcessIdentity process) => OpenRoot(process) is { } root ? new RunningContent(root) : null;

    /// <inheritdoc cref="Open"/>
    internal static Fd? OpenRoot(ProcessIdentity process)
    {
        var path = PathZ.From(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/root"));
        if (FileSystem.TryOpen(null, path, O_PATH | O_DIRECTORY, out var root) != Errno.None)
        {
            return null;
        }

        if (ProcessBirth.Of(process.Id) == process.Born)
        {
            return root;
        }

        root!.Dispose(); // another process has that number by now
        return null;
    }

    /// <inheritdoc/>
    public byte[]? ReadFile(string path, int limit)
    {
        using var file = OpenFile(path);
        return file is null ? null
            : FileSystem.Status(file).Size > limit ? throw new StoreException($"cannot read '{Quoted.Text(path)}' of the container: it is larger than {limit} bytes")
            : FileSystem.ReadAll(file, limit);
    }

    /// <inheritdoc/>
    public byte[]? ReadStart(string path, int count)
    {
        using var file = OpenFile(path);
        if (file is null)
        {
            return null;
        }

        var bytes = new byte[Math.Min(count, FileSystem.Status(file).Size)];
        var length = 0;
        while (length < bytes.Length && FileSystem.ReadAt(file, bytes.AsSpan(length), length) is > 0 and var more)
        {
            length += more;
        }

        return bytes[..length];
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private Fd? OpenFile(string path)
    {
        var error = FileSystem.TryOpenInRoot(_root, PathZ.From(NativeText.Encode(path)), O_RDONLY | O_NONBLOCK | O_NOCTTY, out var file);
        if (error is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP or Errno.ENAMETOOLONG or Errno.ENXIO or Errno.ENODEV) // as for a container that does not run
        {
            return null;
        }

        if (error != Errno.None)
        {
            throw new StoreException($"cannot read '{Quoted.Text(path)}' of the container: {error.Describe()}");
        }

        if (FileSystem.Status(file!).Kind == FileKind.Regular && FileSystem.StateOf(file!).Type != ProcFileSystem)
        {
            return file;
        }

        file!.Dispose();
        return null;
    }
}
