using Orca.Core.Errors;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers.Reuse;

/// <summary>Holds the extended attributes of a stored file against what writing it anew would give it: found out by doing so, on a file without a name.</summary>
internal static class StoredXattrs
{
    /// <summary>True when the file has all attributes of its entry that one written now would have. False, too, where that cannot be found out.</summary>
    internal static bool AreIntact(FlatTree tree, LayerEntry entry, Fd directory, PathZ name)
    {
        if (!CanCarrySome(entry.Xattrs))
        {
            return true;
        }

        if (FileSystem.TryOpen(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file) != Errno.None)
        {
            return false;
        }

        using (file)
        {
            using var anew = TryMake(tree);
            return anew is not null && TrySet(anew, entry, new LayerWarnings()) && AreSame(entry.Xattrs, file!, anew);
        }
    }

    /// <summary>Says what was said, or would have been, when the file was written.</summary>
    internal static void Warn(FlatTree tree, LayerEntry entry)
    {
        if (!CanCarrySome(entry.Xattrs))
        {
            XattrWriter.Skip(entry, tree.Warnings);
            return;
        }

        using var anew = TryMake(tree);
        if (anew is null || !TrySet(anew, entry, tree.Warnings))
        {
            throw new TopDown.NotTopDownException("attributes that could be set a moment ago");
        }
    }

    private static bool CanCarrySome(XattrList xattrs)
    {
        for (var i = 0; i < xattrs.Count; i++)
        {
            if (XattrPolicy.Decide(xattrs.NameZ(i)[..^1]) is XattrRule.Keep or XattrRule.Try)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Null on file systems that have no files without a name (NFS).</summary>
    private static Fd? TryMake(FlatTree tree)
    {
        _ = UnlinkedFile.TryOpen(tree.Root.Handle, O_WRONLY, 0x180 /* 0600 */, out var file);
        return file;
    }

    private static bool TrySet(Fd file, LayerEntry entry, LayerWarnings warnings)
    {
        try
        {
            XattrWriter.Set(file, entry, warnings);
            return true;
        }
        catch (LayerException)
        {
            return false; // the archive's reader says so
        }
    }

    private static bool AreSame(XattrList xattrs, Fd one, Fd other)
    {
        for (var i = 0; i < xattrs.Count; i++)
        {
            var name = PathZ.OfTerminated(xattrs.NameZ(i));
            if (XattrPolicy.Decide(name.Bytes) is XattrRule.Keep or XattrRule.Try)
            {
                var (here, there) = (FileSystem.GetXattr(one, name), FileSystem.GetXattr(other, name));
                if ((here is null) != (there is null) || !here.AsSpan().SequenceEqual(there))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
