using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Takes names for what they say: a link or a file on the way is a matter for another pass.</summary>
/// <remarks>As for <see cref="DirectoryWalker"/>, every component is opened below its parent's descriptor and no link is followed.</remarks>
internal sealed class LiteralWalker(FlatTree tree) : StepWalker(tree)
{
    private const int MaxAttempts = 64;

    /// <inheritdoc/>
    internal override DirectoryNode? Step(DirectoryNode from, ReadOnlySpan<byte> name, bool create)
    {
        var nameZ = PathZ.From(name);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var error = FileSystem.TryOpen(from.Handle, nameZ, O_PATH | O_DIRECTORY | O_NOFOLLOW, out var fd);
            switch (error)
            {
                case Errno.None:
                    return from.Child(name, fd!);
                case Errno.ENOENT when !create:
                    return null;
                case Errno.ENOENT:
                    if (Make(from, name, nameZ) is { } made)
                    {
                        return made;
                    }

                    break;
                case Errno.ENOTDIR or Errno.ELOOP:
                    throw new NotTopDownException("a way through what is no directory");
                default:
                    throw new LinuxException("open", nameZ.ToString(), error);
            }
        }

        throw new LinuxException("open", nameZ.ToString(), Errno.EAGAIN);
    }
}
