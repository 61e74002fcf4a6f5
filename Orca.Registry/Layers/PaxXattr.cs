namespace Orca.Registry.Layers;

/// <summary>Extended attributes in PAX records: <c>SCHILY.xattr.KEY=VALUE</c>, the value's bytes verbatim.</summary>
/// <remarks>
/// <c>LIBARCHIVE.xattr.*</c> repeats the same attributes, URL-encoded and in base64, beside the SCHILY form; only one may be applied, so it is left alone.
/// A key cannot hold '=' in a PAX record; GNU tar writes it as %3D, and % as %25.
/// </remarks>
internal static class PaxXattr
{
    /// <summary>More than any file system keeps: Linux lists at most 64 KiB of names.</summary>
    private const int MaxCount = 4096;

    internal static string? AddSchily(XattrList list, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.IsEmpty || key.Length > 4096)
        {
            return "malformed PAX record: the name of an extended attribute is empty or too long";
        }

        if (list.Count == MaxCount)
        {
            return $"too many extended attributes: exceeds limit of {MaxCount}";
        }

        Span<byte> name = stackalloc byte[key.Length];
        var length = 0;
        while (!key.IsEmpty)
        {
            var encoded = key.StartsWith("%3D"u8) || key.StartsWith("%25"u8);
            name[length++] = encoded ? (byte)(key[1] == '3' ? '=' : '%') : key[0];
            key = key[(encoded ? 3 : 1)..];
        }

        list.Add(name[..length], value);
        return null;
    }
}
