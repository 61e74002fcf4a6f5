using System.Globalization;

namespace Orca.Sandbox.SubIds;

/// <summary>The lines of subuid(5) or subgid(5): <c>OWNER:FIRST:COUNT</c>, where the owner is a name or a number. What is no such line is passed over.</summary>
internal sealed class SubIdFile
{
    private const ulong NoId = uint.MaxValue;
    private const uint UsualFirst = 100_000; // SUB_UID_MIN of login.defs(5)

    private readonly List<(string Owner, IdRange Range)> _lines = [];

    private SubIdFile()
    {
    }

    /// <summary>Reads the text of the file.</summary>
    internal static SubIdFile Parse(string text)
    {
        var file = new SubIdFile();
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(':') is [{ Length: > 0 } owner, var first, var count] && Range(first, count) is { } range)
            {
                file._lines.Add((owner, range));
            }
        }

        return file;
    }

    /// <summary>Reads what getsubids(1) prints: <c>0: OWNER FIRST COUNT</c>.</summary>
    internal static SubIdFile ParseListing(string text)
    {
        var file = new SubIdFile();
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var owner, var first, var count] && Range(first, count) is { } range)
            {
                file._lines.Add((owner, range));
            }
        }

        return file;
    }

    /// <summary>The ranges of a user, by name and by number, in the order of the lines; one that overlaps an earlier one or holds <paramref name="self"/>, which the kernel would refuse, is left out.</summary>
    internal List<IdRange> Of(string name, uint uid, uint self)
    {
        var ranges = new List<IdRange>();
        foreach (var (owner, range) in _lines)
        {
            if (IsOf(owner, name, uid) && !range.Overlaps(new IdRange(self, 1)) && !ranges.Exists(range.Overlaps))
            {
                ranges.Add(range);
            }
        }

        return ranges;
    }

    /// <summary>Somebody else who was given some of the ids, and which; null when nobody was.</summary>
    internal (string Owner, IdRange Range)? Rival(string name, uint uid, IReadOnlyList<IdRange> ranges)
    {
        foreach (var (owner, range) in _lines)
        {
            if (!IsOf(owner, name, uid) && ranges.Any(range.Overlaps))
            {
                return (owner, range);
            }
        }

        return null;
    }

    /// <summary>The first id from which on nobody has any, as useradd(8) would give it.</summary>
    internal uint FirstFree()
    {
        var end = _lines.Select(static line => line.Range.End).Append(UsualFirst).Max();
        return end + SubordinateIds.Needed < NoId ? (uint)end : UsualFirst;
    }

    private static bool IsOf(string owner, string name, uint uid) => owner == name || owner == uid.ToString(CultureInfo.InvariantCulture);

    private static IdRange? Range(string first, string count) =>
        uint.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var start)
        && uint.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && (ulong)start + number <= NoId
            ? new IdRange(start, number) : null;
}
