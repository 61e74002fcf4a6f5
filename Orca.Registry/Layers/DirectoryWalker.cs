using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Goes from one directory of the tree to the next as a process chrooted into the tree would, and can make what is missing.</summary>
/// <remarks>
/// Every component is opened below its parent's descriptor with O_NOFOLLOW; symbolic links are read and walked by hand, and <c>..</c> is
/// taken from the path walked so far, never asked of the kernel. So nothing leads out, whatever links the archive or another process makes
/// meanwhile, on kernels with and without openat2; and the true path of the result is known, which whiteouts and owners need.
/// </remarks>
internal sealed class DirectoryWalker(FlatTree tree) : StepWalker(tree)
{
    private readonly FlatTree _tree = tree;

    private const int MaxLinks = 40; // as the kernel's own MAXSYMLINKS

    /// <inheritdoc/>
    protected override bool TryPass(DirectoryNode from, ReadOnlySpan<byte> name, PathZ nameZ, bool create, ref int links, out DirectoryNode? outcome)
    {
        outcome = null;
        if (FileSystem.TryStatus(from.Handle, nameZ, out var status) != Errno.None)
        {
            return false; // gone meanwhile
        }

        if (status.Kind == FileKind.SymbolicLink)
        {
            outcome = Follow(from, nameZ, create, ref links);
            return true;
        }

        return !status.IsDirectory && !TryClear(from, name, nameZ, create);
    }

    /// <summary>Takes a file away that stands where a directory must be: a lower layer's, never this layer's own.</summary>
    private bool TryClear(DirectoryNode from, ReadOnlySpan<byte> name, PathZ nameZ, bool create)
    {
        if (!create)
        {
            return false;
        }

        if (_tree.Touched.Contains(PathHash.Child(from.Hash, name)))
        {
            throw new LinuxException("open", nameZ.ToString(), Errno.ENOTDIR);
        }

        _tree.BeforeChange(from);
        _tree.Remove(from, nameZ);
        return true;
    }

    private DirectoryNode? Follow(DirectoryNode from, PathZ nameZ, bool create, ref int links)
    {
        if (++links > MaxLinks)
        {
            throw new LinuxException("open", nameZ.ToString(), Errno.ELOOP);
        }

        ReadOnlySpan<byte> target = FileSystem.ReadLink(nameZ, from.Handle);
        var here = target.StartsWith("/"u8) ? _tree.Root : from;
        try
        {
            while (LayerPath.TakeComponent(ref target, out var component))
            {
                var next = component.SequenceEqual(".."u8) ? Up(here) : Step(here, component, create, ref links);
                Close(here, unless: from);
                if (next is null)
                {
                    return null;
                }

                here = next;
            }
        }
        catch
        {
            Close(here, unless: from);
            throw;
        }

        // The caller owns what it gets, so 'from' itself is handed out as another descriptor of the same directory.
        return ReferenceEquals(here, from) && !ReferenceEquals(here, _tree.Root)
            ? from.Again(FileSystem.Open(from.Handle, PathZ.OfTerminated(".\0"u8), O_PATH | O_DIRECTORY))
            : here;
    }

    /// <summary>The directory above, found again from the root by the path walked so far.</summary>
    private DirectoryNode Up(DirectoryNode node)
    {
        var cut = node.Path.AsSpan().LastIndexOf((byte)'/');
        ReadOnlySpan<byte> rest = node.Path.AsSpan(0, Math.Max(0, cut));
        var here = _tree.Root;
        while (LayerPath.TakeComponent(ref rest, out var component))
        {
            var error = FileSystem.TryOpen(here.Handle, PathZ.From(component), O_PATH | O_DIRECTORY | O_NOFOLLOW, out var fd);
            var next = error == Errno.None ? here.Child(component, fd!) : null;
            Close(here, unless: _tree.Root);
            here = next ?? throw new LinuxException("open", Core.Errors.Quoted.Name(node.Path), error);
        }

        return here;
    }

    private void Close(DirectoryNode node, DirectoryNode unless)
    {
        if (!ReferenceEquals(node, unless) && !ReferenceEquals(node, _tree.Root))
        {
            node.Dispose();
        }
    }
}
