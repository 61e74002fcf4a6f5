using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>One line of an image's file <c>tree</c>: what a name in its tree was when the image was published.</summary>
/// <param name="Mode">st_mode in octal: kind and permissions.</param>
/// <param name="Modified">Modification time.</param>
/// <param name="Size">Bytes of a regular file; 0 for all else.</param>
/// <param name="Sum">See <see cref="Layers.ContentSum"/>.</param>
/// <param name="Name">The last component; empty for the end of a directory.</param>
internal readonly record struct TreeRecord(uint Mode, (long Seconds, uint Nanoseconds) Modified, long Size, ulong Sum, byte[] Name)
{
    /// <summary>The end of a directory.</summary>
    internal static readonly TreeRecord End = new(0, default, 0, 0, []);

    internal bool IsEnd => Name.Length == 0;

    internal bool IsDirectory => (FileKind)(Mode & 0xF000) == FileKind.Directory;

    /// <summary>How many directories deeper the next record lies: one behind a directory, minus one behind the end of one.</summary>
    internal int Descent => IsEnd ? -1 : IsDirectory ? 1 : 0;

    internal static TreeRecord Of(byte[] name, in FileStatus status, ulong sum) =>
        new(status.Mode, status.Modified, status.Kind == FileKind.Regular ? status.Size : 0, sum, name);

    /// <summary>Writes <c>MODE SP SECONDS SP NANOSECONDS SP SIZE SP SUM SP NAME NUL</c>; the end of a directory is a NUL alone.</summary>
    internal void WriteTo(Stream stream)
    {
        if (!IsEnd)
        {
            stream.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"{Convert.ToString(Mode, 8)} {Modified.Seconds} {Modified.Nanoseconds} {Size} {Sum:x} ")));
            stream.Write(Name);
        }

        stream.WriteByte(0);
    }

    /// <summary>Reads a line without its NUL; null when it is none.</summary>
    internal static TreeRecord? Read(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            return End;
        }

        Span<Range> fields = stackalloc Range[5];
        var rest = line;
        for (var i = 0; i < 5; i++)
        {
            var space = rest.IndexOf((byte)' ');
            if (space <= 0)
            {
                return null;
            }

            fields[i] = new Range(line.Length - rest.Length, line.Length - rest.Length + space);
            rest = rest[(space + 1)..];
        }

        return !rest.IsEmpty && TryOctal(line[fields[0]], out var mode) && Utf8Parser.TryParse(line[fields[1]], out long seconds, out _)
            && Utf8Parser.TryParse(line[fields[2]], out uint nanoseconds, out _) && Utf8Parser.TryParse(line[fields[3]], out long size, out _)
            && Utf8Parser.TryParse(line[fields[4]], out ulong sum, out _, 'x')
            ? new TreeRecord(mode, (seconds, nanoseconds), size, sum, rest.ToArray()) : null;
    }

    private static bool TryOctal(ReadOnlySpan<byte> digits, out uint value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }
}
