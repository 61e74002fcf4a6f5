using Orca.Core.Linux;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>Reads the extended attributes that an image may have; what drives the store's own mounts stays behind.</summary>
internal static class TreeXattrs
{
    /// <summary>Reads those of a file or directory, in the order of their names.</summary>
    /// <param name="file">The file.</param>
    /// <param name="into">Where they go.</param>
    /// <param name="capabilities">File capabilities that the image came with; what the disk has goes before them.</param>
    internal static void Read(Fd file, List<(byte[] Name, byte[] Value)> into, ReadOnlyMemory<byte> capabilities = default)
    {
        foreach (var name in FileSystem.ListXattrs(file))
        {
            if (XattrPolicy.Decide(name) is XattrRule.Keep or XattrRule.Try && FileSystem.GetXattr(file, PathZ.From(name)) is { } value)
            {
                into.Add((name, name.AsSpan().SequenceEqual(FileCapabilities.Name) ? FileCapabilities.WithoutRootId(value) : value));
            }
        }

        if (!capabilities.IsEmpty && !into.Exists(static one => one.Name.AsSpan().SequenceEqual(FileCapabilities.Name)))
        {
            into.Add((FileCapabilities.Name.ToArray(), capabilities.ToArray()));
        }

        into.Sort(static (a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
    }
}
