using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <summary>The files of an OCI layout directory: below its descriptor, without following a single link.</summary>
internal sealed class DirectoryFiles(Fd directory, string failure) : ArchiveFiles(failure)
{
    public override void Dispose()
    {
        directory.Dispose();
        base.Dispose();
    }

    protected override Stream? OpenPlain(string name)
    {
        var parts = name.Split('/');
        Fd? current = null;
        try
        {
            for (var i = 0; i < parts.Length; i++)
            {
                var isLast = i == parts.Length - 1;
                var flags = O_RDONLY | O_NOFOLLOW | O_NOCTTY | (isLast ? O_NONBLOCK : O_DIRECTORY);
                var error = FileSystem.TryOpen(current ?? directory, PathZ.From(NativeText.Encode(parts[i])), flags, out var next);
                current?.Dispose();
                current = next;
                switch (error)
                {
                    case Errno.None:
                        break;
                    case Errno.ENOENT:
                        return null;
                    case Errno.ELOOP or Errno.ENOTDIR:
                        throw Refuse($"its file '{Quoted.Text(name)}' is reached through a symbolic link, or is none");
                    default:
                        throw new LinuxException("open", name, error);
                }
            }

            var status = FileSystem.Status(current!);
            var file = status.Kind == FileKind.Regular ? new FileSlice(current!, 0, status.Size, ownsFile: true) : throw Refuse($"its file '{Quoted.Text(name)}' is not a regular file");
            current = null;
            return file;
        }
        finally
        {
            current?.Dispose();
        }
    }
}
