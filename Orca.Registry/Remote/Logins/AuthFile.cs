using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Remote.Logins;

/// <summary>A file of logins as it lies on the disk.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="IsOpenToOthers">True when others than its owner may read or write it.</param>
internal sealed record AuthFile(byte[] Bytes, bool IsOpenToOthers)
{
    private const UnixFileMode OpenToOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Replaces a file at once, for its owner's eyes only; what a link leads to is replaced, not the link.</summary>
    /// <exception cref="RegistryException">It cannot be written; what was there is there.</exception>
    internal static void Write(string path, byte[] bytes, string failure)
    {
        try
        {
            var target = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? Path.GetFullPath(path);
            var parent = Path.GetDirectoryName(target)!;
            if (!Directory.Exists(parent))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(parent)!);
                FileSystem.MakeDirectory(null, PathZ.From(parent), 0x1c0 /* 0700 */, mayExist: true);
            }

            using var directory = FileSystem.Open(null, PathZ.From(parent), Tmds.Linux.LibC.O_RDONLY | Tmds.Linux.LibC.O_DIRECTORY);
            FileSystem.WriteFileAtomically(directory, Path.GetFileName(target), bytes);
        }
        catch (LinuxException e)
        {
            throw new RegistryException($"{failure}: the login cannot be kept in '{Quoted.Text(path)}': {e.Errno.Describe()}", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RegistryException($"{failure}: the login cannot be kept in '{Quoted.Text(path)}': no access", inner: e);
        }
    }

    /// <summary>Reads a file; null when there is none.</summary>
    /// <exception cref="RegistryException">It is there, but cannot be read or is too large.</exception>
    internal static AuthFile? Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var isOpen = !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OpenToOthers) != 0;
            var length = RandomAccess.GetLength(file);
            if (length > AuthFileReader.MaxSize)
            {
                throw new RegistryException($"{AuthFileReader.Failure(path)}: it is larger than {AuthFileReader.MaxSize >> 20} MiB");
            }

            var bytes = new byte[length];
            var read = RandomAccess.Read(file, bytes, 0);
            return new AuthFile(bytes[..read], isOpen);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new RegistryException($"{AuthFileReader.Failure(path)}: {(e is IOException { HResult: > 0 and var errno } ? ((Errno)errno).Describe() : "no access")}", inner: e); // the runtime keeps the errno there
        }
    }
}
