using Orca.Core.Linux;
using Orca.Registry.Layers.Spill;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>Carries out whiteouts: entries whose names say what of lower layers is gone.</summary>
/// <remarks>
/// Source: OCI image-spec, layer.md, "Whiteouts". They never affect what their own layer makes, wherever in the archive it stands; an opaque
/// mark clears a directory of lower layers regardless of its place. Directories above this layer's entries stay, listed or not.
/// Type and content of the entry do not matter, its name does.
/// </remarks>
internal sealed class Whiteouts(FlatTree tree, SpillSpace space) : IDisposable
{
    private readonly SpillStack _directories = new(space);

    private static ReadOnlySpan<byte> Prefix => ".wh."u8;

    private static ReadOnlySpan<byte> MetaPrefix => ".wh..wh."u8;

    private static ReadOnlySpan<byte> Opaque => ".wh..wh..opq"u8;

    /// <summary>True for a path that names a whiteout or what AUFS keeps for itself; such an entry makes nothing.</summary>
    internal static bool IsWhiteout(LayerPath path)
    {
        if (path.Name.StartsWith(Prefix))
        {
            return true;
        }

        var rest = path.Parent;
        while (LayerPath.TakeComponent(ref rest, out var component))
        {
            if (component.StartsWith(MetaPrefix))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes a name that is a whiteout's, or AUFS's, and takes nothing away: a file of that name is lost.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="path">Its path.</param>
    /// <param name="isBase">True in the lowest layer, which has nothing below it.</param>
    /// <param name="warnings">Where it is noted.</param>
    internal static void NoteIdle(LayerEntry entry, LayerPath path, bool isBase, LayerWarnings warnings)
    {
        if (isBase ? !IsOfAufs(path.Name) : path.Name.StartsWith(MetaPrefix) && !IsOfAufs(path.Name))
        {
            warnings.Count("whiteout-names", entry.Name, static (count, example) => count == 1
                ? $"left out '{example}': its name is that of a whiteout, which removes nothing there"
                : $"left out {count} entries whose names are those of whiteouts, which remove nothing there, such as '{example}'");
        }
    }

    /// <summary>What AUFS writes for itself, and so images of its time have, and the mark of a directory that hides those below it.</summary>
    private static bool IsOfAufs(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(Opaque) || name.SequenceEqual(".wh..wh.plnk"u8) || name.SequenceEqual(".wh..wh.aufs"u8) || name.SequenceEqual(".wh..wh.orph"u8) || !name.StartsWith(Prefix);

    internal void Apply(LayerEntry entry, LayerPath path)
    {
        var hidden = Read(entry, path, out var isOpaque);
        if ((hidden.IsEmpty && !isOpaque) || tree.Chain.Open(path.Parent, create: false) is not { } parent)
        {
            return;
        }

        if (isOpaque)
        {
            Prune(parent.Path);
        }
        else
        {
            Hide(parent, PathZ.OfTerminated(path.NameZ[Prefix.Length..]));
        }
    }

    /// <summary>The name that a whiteout hides; empty for an opaque mark, and for what is AUFS's own.</summary>
    internal static ReadOnlySpan<byte> Read(LayerEntry entry, LayerPath path, out bool isOpaque)
    {
        var name = path.Name;
        isOpaque = name.SequenceEqual(Opaque);
        if (name.StartsWith(MetaPrefix) || !name.StartsWith(Prefix))
        {
            return []; // AUFS's own: .wh..wh.plnk, .wh..wh.aufs, .wh..wh.orph, and what is below
        }

        var hidden = name[Prefix.Length..];
        return hidden.IsEmpty || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8)
            ? throw LayerFault.In(entry, "the whiteout names nothing that can be removed") : hidden;
    }

    private void Hide(DirectoryNode parent, PathZ name)
    {
        if (!tree.Touched.Contains(PathHash.Child(parent.Hash, name.Bytes)))
        {
            tree.BeforeChange(parent);
            tree.Remove(parent, name);
        }
        else if (FileSystem.TryStatus(parent.Handle, name, out var status) == Errno.None && status.IsDirectory)
        {
            Prune(parent.Join(name.Bytes));
        }
    }

    /// <summary>Removes from a directory, and from those in it that this layer touched, all that this layer did not touch.</summary>
    private void Prune(byte[] path)
    {
        _directories.Push(path);
        while (_directories.Height > 0)
        {
            if (tree.Aside.Open(_directories.Pop(), create: false) is { } directory)
            {
                PruneOne(directory);
            }
        }
    }

    private void PruneOne(DirectoryNode directory)
    {
        tree.BeforeChange(directory);
        tree.Owners.RemoveDevicesIn(directory.Hash, tree.Touched.Contains);
        using var listing = FileSystem.Open(directory.Handle, PathZ.OfTerminated(".\0"u8), O_RDONLY | O_DIRECTORY);
        while (TryRemoveUntouched(directory, listing))
        {
            FileSystem.Seek(listing, 0); // what stands beside the removed may have been passed over
        }

        FileSystem.Seek(listing, 0);
        foreach (var (name, kind) in DirectoryReader.Read(listing))
        {
            if ((kind ?? FileSystem.Status(directory.Handle, PathZ.From(name)).Kind) == FileKind.Directory)
            {
                _directories.Push(directory.Join(name));
            }
        }
    }

    private bool TryRemoveUntouched(DirectoryNode directory, Fd listing)
    {
        var removed = false;
        foreach (var (name, _) in DirectoryReader.Read(listing))
        {
            if (!tree.Touched.Contains(PathHash.Child(directory.Hash, name)))
            {
                tree.Remove(directory, PathZ.From(name));
                removed = true;
            }
        }

        return removed;
    }

    public void Dispose() => _directories.Dispose();
}
