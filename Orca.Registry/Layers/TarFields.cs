using Orca.Core.Errors;

namespace Orca.Registry.Layers;

/// <summary>Turns the fields of a header, and the PAX records that override them, into an entry.</summary>
internal static class TarFields
{
    /// <summary>What a negative id stands for in every dialect: nobody.</summary>
    private const uint Nobody = 65534;

    /// <summary>Fills all of the entry but its names and its content; answers the number of bytes the header claims for data.</summary>
    internal static Int128 Fill(TarHeader header, PaxRecords pax, LayerEntry entry)
    {
        entry.IsSparse = false;
        entry.Regions.Clear();
        entry.Xattrs.Clear();
        for (var i = 0; i < pax.Xattrs.Count; i++)
        {
            entry.Xattrs.Add(pax.Xattrs.NameZ(i)[..^1], pax.Xattrs.Value(i));
        }

        entry.Size = 0;
        entry.Kind = KindOf(header, entry);
        entry.Mode = (uint)(Number(header.ModeField, "mode", entry) & 0b111_111_111_111);
        entry.Uid = Id(pax.Uid ?? Number(header.UidField, "user id", entry), "user id", entry);
        entry.Gid = Id(pax.Gid ?? Number(header.GidField, "group id", entry), "group id", entry);
        entry.Modified = pax.Modified ?? (TarNumber.Saturate(Number(header.TimeField, "time", entry)), 0);
        entry.Device = entry.Kind is EntryKind.CharDevice or EntryKind.BlockDevice && header.HasDevices
            ? (DeviceNumber(header.MajorField, entry), DeviceNumber(header.MinorField, entry)) : default;
        var size = pax.Size ?? Number(header.SizeField, "size", entry);
        return size >= 0 || entry.Kind != EntryKind.File ? size : throw LayerFault.In(entry, "negative size");
    }

    private static EntryKind KindOf(TarHeader header, LayerEntry entry) => (char)header.Type switch
    {
        '\0' when entry.Name.EndsWith("/"u8) => EntryKind.Directory, // v7 had no other way to say it
        '\0' or '0' or '7' or 'S' => EntryKind.File,
        '1' => EntryKind.HardLink,
        '2' => EntryKind.SymbolicLink,
        '3' => EntryKind.CharDevice,
        '4' => EntryKind.BlockDevice,
        '5' => EntryKind.Directory,
        '6' => EntryKind.Fifo,
        _ => throw LayerFault.In(entry, $"unsupported type '{Quoted.Name([header.Type])}'"),
    };

    private static Int128 Number(ReadOnlySpan<byte> field, string what, LayerEntry entry) =>
        TarNumber.TryRead(field, out var value) ? value : throw LayerFault.In(entry, $"its {what} is not a number");

    private static uint Id(Int128 value, string what, LayerEntry entry) => value switch
    {
        _ when value < 0 => Nobody,
        _ when value < uint.MaxValue => (uint)value,
        _ => throw LayerFault.In(entry, $"its {what} exceeds limit of 4294967294"),
    };

    private static uint DeviceNumber(ReadOnlySpan<byte> field, LayerEntry entry)
    {
        var value = Number(field, "device number", entry);
        return value >= 0 && value <= uint.MaxValue ? (uint)value : throw LayerFault.In(entry, "its device number is out of range");
    }
}
