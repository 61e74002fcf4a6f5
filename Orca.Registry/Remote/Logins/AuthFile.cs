using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Remote.Logins;

/// <summary>A file of logins.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="IsOpenToOthers">True when others than its owner may read or write it.</param>
internal sealed record AuthFile(string Path, byte[] Bytes, bool IsOpenToOthers)
{

    /// <summary>Replaces a file at once, for its owner's eyes only; what a link leads to is replaced, not the link.</summary>
    /// <exception cref="RegistryException">It cannot be written; what was there is there.</exception>
    internal static void Write(string path, byte[] bytes, string failure)
    {
        try
        {
            var target = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? System.IO.Path.GetFullPath(path);
            var parent = System.IO.Path.GetDirectoryName(target)!;
            if (!Directory.Exists(parent))
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(parent)!);
                FileSystem.MakeDirectory(null, PathZ.From(parent), 0x1c0 /* 0700 */, mayExist: true);
            }

            using var directory = FileSystem.Open(null, PathZ.From(parent), Tmds.Linux.LibC.O_RDONLY | Tmds.Linux.LibC.O_DIRECTORY);
            FileSystem.WriteFileAtomically(directory, System.IO.Path.GetFileName(target), bytes);
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
}
