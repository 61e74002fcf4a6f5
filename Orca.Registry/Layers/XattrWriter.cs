using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>Sets the extended attributes of files and directories; nothing else can carry those that a user may set (xattr(7)).</summary>
internal static class XattrWriter
{
    internal static void Set(Fd file, LayerEntry entry, LayerWarnings warnings)
    {
        var xattrs = entry.Xattrs;
        for (var i = 0; i < xattrs.Count; i++)
        {
            var name = PathZ.OfTerminated(xattrs.NameZ(i));
            var rule = XattrPolicy.Decide(name.Bytes);
            if (rule == XattrRule.Ignore)
            {
                WarnIgnored(entry, name, warnings);
            }
            else if (rule == XattrRule.Try && !FileCapabilities.AreValid(xattrs.Value(i)))
            {
                warnings.Add("capability", $"left out file capabilities that no kernel takes, such as those of '{Quoted.Name(entry.Name)}'");
            }
            else if (rule != XattrRule.Drop)
            {
                Check(FileSystem.TrySetXattr(file, name, xattrs.Value(i)), rule, name, xattrs.Value(i).Length, entry, warnings);
            }
        }
    }

    /// <summary>As for an entry that cannot carry any: says once what is lost.</summary>
    internal static void Skip(LayerEntry entry, LayerWarnings warnings)
    {
        for (var i = 0; i < entry.Xattrs.Count; i++)
        {
            var name = PathZ.OfTerminated(entry.Xattrs.NameZ(i));
            if (XattrPolicy.Decide(name.Bytes) != XattrRule.Drop)
            {
                WarnIgnored(entry, name, warnings);
            }
        }
    }

    /// <summary>Removes from an existing directory what lower layers set.</summary>
    internal static void Clear(Fd directory)
    {
        foreach (var name in FileSystem.ListXattrs(directory))
        {
            if (XattrPolicy.Decide(name) is XattrRule.Keep or XattrRule.Try)
            {
                _ = FileSystem.TryRemoveXattr(directory, PathZ.From(name));
            }
        }
    }

    private static void WarnIgnored(LayerEntry entry, PathZ name, LayerWarnings warnings)
    {
        if (!warnings.Has("xattr"))
        {
            warnings.Add("xattr", $"left out extended attributes that a user cannot set, such as '{name.ToString()}' of '{Quoted.Name(entry.Name)}'");
        }
    }

    private static void Check(Errno error, XattrRule rule, PathZ name, int length, LayerEntry entry, LayerWarnings warnings)
    {
        switch (error)
        {
            case Errno.None:
            case Errno.EPERM or Errno.EINVAL or Errno.EOPNOTSUPP when rule == XattrRule.Try:
                break; // the side table has them
            case Errno.EOPNOTSUPP:
                warnings.Add("xattr-support", "left out extended attributes: the file system of the store has none");
                break;
            default:
                throw LayerFault.In(entry, $"cannot set extended attribute '{name.ToString()}' of {length} bytes: {error.Describe()}");
        }
    }
}
