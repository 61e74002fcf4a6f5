using System.Globalization;
using System.Text;
using Orca.Core.Linux;
using Orca.Registry.Layers;

namespace Orca.Registry.Store;

/// <summary>Reads an image's file <c>owners</c>; <see cref="OwnerTable"/> has the format.</summary>
internal static class OwnerTableReader
{
    private const int Fields = 4;

    /// <summary>The records in order; null when the file is not there or is not one.</summary>
    internal static List<(byte[] Path, OwnerRecord Record)>? TryRead(Fd root, string imagePath)
    {
        if (StoreDirectory.TryRead(root, $"{imagePath}/{ImageBuilder.OwnersName}", int.MaxValue - 1024) is not { } content || (content.Length > 0 && content[^1] != 0))
        {
            return null;
        }

        var records = new List<(byte[], OwnerRecord)>();
        ReadOnlySpan<byte> rest = content;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)0);
            if (Read(rest[..end]) is not { } record)
            {
                return null;
            }

            records.Add(record);
            rest = rest[(end + 1)..];
        }

        return records;
    }

    private static (byte[] Path, OwnerRecord Record)? Read(ReadOnlySpan<byte> line)
    {
        var fields = new string[Fields];
        for (var i = 0; i < Fields; i++)
        {
            var space = line.IndexOf((byte)' ');
            if (space <= 0)
            {
                return null;
            }

            fields[i] = Encoding.ASCII.GetString(line[..space]);
            line = line[(space + 1)..];
        }

        return !line.IsEmpty && TryOctal(fields[0], out var mode) && TryNumber(fields[1], out var uid) && TryNumber(fields[2], out var gid)
            && new OwnerRecord(mode, uid, gid).WithSpecial(fields[3]) is { } record ? (line.ToArray(), record) : null;
    }

    private static bool TryNumber(string text, out uint value) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool TryOctal(string text, out uint value)
    {
        value = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7')
            {
                return false;
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }
}
