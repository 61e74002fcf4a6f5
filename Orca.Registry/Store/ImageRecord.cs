using System.Globalization;
using System.Text;

namespace Orca.Registry.Store;

/// <summary>What the store remembers of an image beside its manifest and config. Its file is the last one written before an image is published.</summary>
/// <remarks>
/// Lines of a key and a value; the last is <c>end</c>. A file without it was cut by a power loss on a file system that did not keep its
/// promises, and so perhaps was the tree: such an image counts as absent.
/// </remarks>
internal sealed record ImageRecord(DateTimeOffset Pulled, long Size, long Entries)
{
    internal const string FileName = "image";
    internal const int MaxLength = 4096;
    private const string Head = "orca image 1";

    internal byte[] Write() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{Head}\npulled {Pulled.ToUnixTimeMilliseconds()}\nsize {Size}\nentries {Entries}\nend\n"));

    /// <summary>Null when the file is not whole.</summary>
    internal static ImageRecord? Read(byte[] content)
    {
        var lines = Encoding.ASCII.GetString(content).Split('\n');
        return lines is [Head, var pulled, var size, var entries, "end", ""]
            && Number(pulled, "pulled ") is { } at && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            && Number(size, "size ") is { } bytes && Number(entries, "entries ") is { } count
            ? new ImageRecord(DateTimeOffset.FromUnixTimeMilliseconds(at), bytes, count) : null;
    }

    private static long? Number(string line, string key) =>
        line.StartsWith(key, StringComparison.Ordinal)
        && long.TryParse(line.AsSpan(key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
