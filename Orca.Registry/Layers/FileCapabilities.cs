using System.Buffers.Binary;

namespace Orca.Registry.Layers;

/// <summary>The attribute <c>security.capability</c>, which a user can read and not set: it is kept in the side table, and written back from there.</summary>
/// <remarks>Source: linux/capability.h, struct vfs_cap_data and vfs_ns_cap_data; capabilities(7).</remarks>
internal static class FileCapabilities
{
    /// <summary>Bytes of the longest form.</summary>
    internal const int MaxLength = 24;

    private const uint Revision1 = 0x01000000, Revision2 = 0x02000000, Revision3 = 0x03000000, RevisionMask = 0xFF000000;

    internal static ReadOnlySpan<byte> Name => "security.capability"u8;

    /// <summary>True for a value that the kernel takes: of a known revision, and of its length.</summary>
    internal static bool AreValid(ReadOnlySpan<byte> value) => value.Length >= sizeof(uint) && (BinaryPrimitives.ReadUInt32LittleEndian(value) & RevisionMask, value.Length) is
        (Revision1, 12) or (Revision2, 20) or (Revision3, MaxLength);

    /// <summary>The kernel stores the capabilities of a user namespace's file with the id of that namespace's root, which means nothing elsewhere.</summary>
    internal static byte[] WithoutRootId(byte[] value)
    {
        if (value.Length != MaxLength || BinaryPrimitives.ReadUInt32LittleEndian(value) is var magic && (magic & RevisionMask) != Revision3)
        {
            return value;
        }

        var plain = value[..20];
        BinaryPrimitives.WriteUInt32LittleEndian(plain, (magic & ~RevisionMask) | Revision2);
        return plain;
    }

    /// <summary>Those that an entry gives its file; empty when there are none that mean anything.</summary>
    internal static ReadOnlyMemory<byte> Of(LayerEntry entry)
    {
        ReadOnlyMemory<byte> found = default;
        for (var i = 0; i < entry.Xattrs.Count; i++)
        {
            if (entry.Xattrs.NameZ(i)[..^1].SequenceEqual(Name))
            {
                found = AreValid(entry.Xattrs.Value(i)) ? WithoutRootId(entry.Xattrs.Value(i).ToArray()) : default; // the last counts
            }
        }

        return found;
    }
}
