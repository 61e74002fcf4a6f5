using System.Globalization;
using System.Text;

namespace Orca.Core.Containers;

/// <summary>Finds lines of passwd(5) and group(5). Comments, and lines that name a directory service (+, -), are no entries.</summary>
internal static class AccountEntries
{
    /// <summary>The fields of the first entry with this id; null when there is none.</summary>
    internal static string[]? Find(ReadOnlySpan<byte> file, uint id, int fields)
    {
        var digits = Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture));
        foreach (var range in file.Split((byte)'\n'))
        {
            var line = file[range];
            if (IsEntry(line) && line.IndexOf(digits) >= 0 && Encoding.UTF8.GetString(line).Split(':', fields) is { Length: >= 3 } entry
                && uint.TryParse(entry[2], NumberStyles.None, CultureInfo.InvariantCulture, out var found) && found == id)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>True when an entry has this name.</summary>
    internal static bool HasName(ReadOnlySpan<byte> file, string name)
    {
        var beginning = Encoding.UTF8.GetBytes(name + ":");
        foreach (var range in file.Split((byte)'\n'))
        {
            if (file[range].StartsWith(beginning))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The file without the lines that orca has added for numbers that had none, but for one of them; the same file when there are no others.</summary>
    /// <param name="file">The file.</param>
    /// <param name="id">The number whose line stays.</param>
    /// <param name="isOwn">Whether the fields of a line, the name of which is its number, are those that orca writes.</param>
    internal static byte[] WithoutOthers(byte[] file, uint id, Func<string[], bool> isOwn)
    {
        var kept = new List<byte>(file.Length);
        foreach (var range in file.AsSpan().Split((byte)'\n'))
        {
            var line = file.AsSpan(range);
            if (line.Length is > 0 and < 256 && char.IsAsciiDigit((char)line[0]) && Encoding.UTF8.GetString(line).Split(':') is { Length: >= 4 } entry
                && entry[0] == entry[2] && uint.TryParse(entry[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != id && isOwn(entry))
            {
                continue;
            }

            kept.AddRange(line);
            kept.Add((byte)'\n');
        }

        kept.RemoveAt(kept.Count - 1); // what follows the last line's end is a line, too
        return kept.Count == file.Length ? file : [.. kept];
    }

    private static bool IsEntry(ReadOnlySpan<byte> line) => !line.IsEmpty && line[0] is not ((byte)'#' or (byte)'+' or (byte)'-');
}
