using System.Buffers.Text;
using System.Globalization;
using static Tmds.Linux.LibC;

namespace Orca.Core.Linux;

/// <summary>Reads when a process began, by which it differs from others that have had its number.</summary>
public static class ProcessBirth
{
    private const int Start = 22; // the field of proc_pid_stat(5)
    private const int Most = 1024;

    /// <summary>In clock ticks since the machine was started; null when there is no such process, or it cannot be looked at.</summary>
    public static long? Of(int process)
    {
        if (FileSystem.TryOpen(null, PathZ.From(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat")), O_RDONLY, out var file) != Errno.None)
        {
            return null;
        }

        using (file)
        {
            Span<byte> bytes = stackalloc byte[Most];
            return FileSystem.TryRead(file!, bytes, out var count) == Errno.None ? Read(bytes[..count]) : null;
        }
    }

    /// <summary>Fields are counted from the program's name, the second one, which may hold anything, parentheses and spaces too.</summary>
    internal static long? Read(ReadOnlySpan<byte> stat)
    {
        var rest = stat[(stat.LastIndexOf((byte)')') + 1)..];
        for (var field = 2; field < Start; field++)
        {
            var space = rest.IndexOf((byte)' ');
            if (space < 0)
            {
                return null;
            }

            rest = rest[(space + 1)..];
        }

        return Utf8Parser.TryParse(rest, out long born, out _) ? born : null;
    }
}
