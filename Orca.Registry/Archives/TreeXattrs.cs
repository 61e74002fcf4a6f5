using System.Buffers.Binary;
using Orca.Core.Linux;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>Reads the extended attributes that an image may have; what drives the store's own mounts stays behind.</summary>
internal static class TreeXattrs
{
    private const uint Revision2 = 0x02000000, Revision3 = 0x03000000, RevisionMask = 0xFF000000;

    internal static void Read(Fd file, List<(byte[] Name, byte[] Value)> into)
    {
        foreach (var name in FileSystem.ListXattrs(file))
        {
            if (XattrPolicy.Decide(name) is XattrRule.Keep or XattrRule.Try && FileSystem.GetXattr(file, PathZ.From(name)) is { } value)
            {
                into.Add((name, name.AsSpan().SequenceEqual("security.capability"u8) ? WithoutRootId(value) : value));
            }
        }

        into.Sort(static (a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
    }

    /// <summary>The kernel stores the capabilities of a user namespace's file with the id of that namespace's root, which means nothing elsewhere (capabilities(7)).</summary>
    internal static byte[] WithoutRootId(byte[] value)
    {
        if (value.Length != 24 || BinaryPrimitives.ReadUInt32LittleEndian(value) is var magic && (magic & RevisionMask) != Revision3)
        {
            return value;
        }

        var plain = value[..20];
        BinaryPrimitives.WriteUInt32LittleEndian(plain, (BinaryPrimitives.ReadUInt32LittleEndian(value) & ~RevisionMask) | Revision2);
        return plain;
    }
}
