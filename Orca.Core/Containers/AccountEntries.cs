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

    private static bool IsEntry(ReadOnlySpan<byte> line) => !line.IsEmpty && line[0] is not ((byte)'#' or (byte)'+' or (byte)'-');
}
