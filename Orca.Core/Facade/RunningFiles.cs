using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using static Tmds.Linux.LibC;

namespace Orca;

/// <summary>Files below the root of a container's first process, resolved as that process would (openat2(2), RESOLVE_IN_ROOT).</summary>
/// <remarks>A container may put a FIFO or device where a file is expected: what is opened is opened without waiting, and looked at before it is used.</remarks>
internal sealed class RunningFiles(ISandboxProcess process) : IContainerFiles
{
    private const uint DefaultMode = 0b110_100_100; // 0644
    private const long ProcFileSystem = 0x9fa0;     // PROC_SUPER_MAGIC

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string inside, CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            using var root = OpenRoot(inside);
            var error = FileSystem.TryOpenInRoot(root, PathOf(inside), O_PATH, out var found);
            found?.Dispose();
            return error switch
            {
                Errno.None => true,
                Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP => false,
                _ => throw Failure("look at", inside, error.Describe()),
            };
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string inside, CancellationToken cancellationToken = default) =>
        Task.Run<Stream>(() => Open("read", inside, O_RDONLY, FileAccess.Read, mode: null), cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> CreateAsync(string inside, UnixFileMode? mode = null, CancellationToken cancellationToken = default) =>
        Task.Run<Stream>(() => Open("write", inside, O_WRONLY | O_CREAT, FileAccess.Write, mode), cancellationToken);

    /// <inheritdoc/>
    public async Task CopyInAsync(string hostPath, string inside, CancellationToken cancellationToken = default)
    {
        var from = File.OpenRead(hostPath);
        await using (from.ConfigureAwait(false))
        {
            var to = await CreateAsync(inside, PermissionsOf(from.SafeFileHandle), cancellationToken).ConfigureAwait(false);
            await using (to.ConfigureAwait(false))
            {
                await from.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public Task CopyOutAsync(string inside, string hostPath, CancellationToken cancellationToken = default) =>
        HostCopy.CopyOutAsync(this, inside, hostPath, cancellationToken);

    /// <summary>Whether something accepts connections to the Unix socket at this path.</summary>
    /// <exception cref="IOException">The container has ended, or the path cannot be looked at.</exception>
    internal async Task<bool> AcceptsAsync(string inside, CancellationToken cancellationToken)
    {
        using var root = OpenRoot(inside);
        if (FileSystem.TryOpenInRoot(root, PathOf(inside), O_PATH, out var found) != Errno.None)
        {
            return false;
        }

        using (found)
        {
            if (FileSystem.Status(found!).Kind != FileKind.Socket)
            {
                return false;
            }

            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                // Its own path may be too long for an address, and lead elsewhere by now.
                await client.ConnectAsync(new UnixDomainSocketEndPoint($"/proc/self/fd/{found!.Number}"), cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode == SocketError.ProtocolType; // of another type than a stream, which has no listeners to wait for
            }
        }
    }

    /// <summary>Those of the file of the host, without what gives another user's rights.</summary>
    private static UnixFileMode PermissionsOf(SafeFileHandle file)
    {
        try
        {
            using var fd = FileSystem.Duplicate(file);
            return (UnixFileMode)(FileSystem.Status(fd).Permissions & 0b111_111_111);
        }
        catch (LinuxException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private FileStream Open(string verb, string inside, int flags, FileAccess access, UnixFileMode? mode)
    {
        using var root = OpenRoot(inside);
        var error = FileSystem.TryOpenInRoot(root, PathOf(inside), flags | O_NONBLOCK | O_NOCTTY, out var file, mode is { } asked ? (uint)asked : (flags & O_CREAT) != 0 ? DefaultMode : 0);
        if (error != Errno.None)
        {
            throw Failure(verb, inside, error.Describe());
        }

        using (file)
        {
            try
            {
                Prepare(file!, verb, inside, access, mode);
            }
            catch (LinuxException e)
            {
                throw Failure(verb, inside, e.Errno.Describe());
            }

            var handle = new SafeFileHandle(file!.DangerousGetHandle(), ownsHandle: true);
            file.SetHandleAsInvalid();
            return new FileStream(handle, access, bufferSize: 1 << 16);
        }
    }

    /// <remarks>
    /// Files of /proc count as regular ones. A container that has the host's processes could make a link to one of this very program, such as /proc/self/environ:
    /// /proc/self is no magic link, and means the process that opens it.
    /// </remarks>
    private static void Prepare(Fd file, string verb, string inside, FileAccess access, UnixFileMode? mode)
    {
        if (FileSystem.Status(file).Kind != FileKind.Regular)
        {
            throw Failure(verb, inside, "it is not a regular file");
        }

        if (FileSystem.StateOf(file).Type == ProcFileSystem)
        {
            throw Failure(verb, inside, "it is a file of /proc");
        }

        if (access == FileAccess.Write)
        {
            FileSystem.SetLength(file, 0);
            if (mode is { } permissions)
            {
                FileSystem.SetMode(file, (uint)permissions); // this program's umask is not the container's
            }
        }
    }

    private Fd OpenRoot(string inside) => process.OpenRoot() ?? throw Failure("open", inside, "the container has ended");

    private static PathZ PathOf(string inside) =>
        inside.StartsWith('/') && !inside.Contains('\0', StringComparison.Ordinal) ? PathZ.From(NativeText.Encode(inside)) : throw Failure("open", inside, "it is not an absolute path");

    private static IOException Failure(string verb, string inside, string cause) => new($"cannot {verb} '{Quoted.Text(inside)}' of the container: {cause}");
}
