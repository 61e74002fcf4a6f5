using System.Buffers;

namespace Orca.Registry.Layers;

/// <summary>The records of one PAX extended header that mean something for a layer.</summary>
/// <remarks>
/// Source: POSIX.1-2017 pax, "pax Extended Header". A record is <c>LENGTH KEY=VALUE\n</c>. The last of a key wins; an empty value takes an
/// earlier one away. A malformed record is an error, never skipped: two readers that resynchronise differently see different files.
/// </remarks>
internal sealed class PaxRecords
{
    private readonly ArrayBufferWriter<byte> _path = new(256);
    private readonly ArrayBufferWriter<byte> _linkPath = new(256);
    private Int128? _size;
    private Int128? _uid;
    private Int128? _gid;

    internal ReadOnlySpan<byte> Path => _path.WrittenSpan;

    internal ReadOnlySpan<byte> LinkPath => _linkPath.WrittenSpan;

    internal Int128? Size => _size;

    internal Int128? Uid => _uid;

    internal Int128? Gid => _gid;

    internal (long Seconds, uint Nanoseconds)? Modified { get; private set; }

    internal PaxSparse Sparse { get; } = new();

    internal XattrList Xattrs { get; } = new();

    internal void Clear()
    {
        _path.ResetWrittenCount();
        _linkPath.ResetWrittenCount();
        _size = _uid = _gid = null;
        Modified = null;
        Sparse.Clear();
        Xattrs.Clear();
    }

    /// <summary>Reads all records of a header for the next entry; the words of the refusal, or null.</summary>
    internal string? Read(ReadOnlySpan<byte> payload)
    {
        Clear();
        while (!payload.IsEmpty)
        {
            if ((Split(ref payload, out var key, out var value) ?? Set(key, value)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Reads a global header, of which nothing is used; the words of the refusal, or null.</summary>
    /// <remarks>GNU tar and Python apply global records, Go's reader (containerd, moby, umoci) does not: what tools see differently is refused.</remarks>
    internal static string? CheckGlobal(ReadOnlySpan<byte> payload)
    {
        while (!payload.IsEmpty)
        {
            if (Split(ref payload, out var key, out _) is { } fault)
            {
                return fault;
            }

            if (key.SequenceEqual("path"u8) || key.SequenceEqual("linkpath"u8) || key.SequenceEqual("size"u8) || key.SequenceEqual("uid"u8)
                || key.SequenceEqual("gid"u8) || key.StartsWith("GNU.sparse."u8) || key.StartsWith("SCHILY.xattr."u8))
            {
                return $"a global header sets '{Core.Errors.Quoted.Name(key)}' for all entries, which tools read differently";
            }
        }

        return null;
    }

    private static string? Split(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        var space = payload.IndexOf((byte)' ');
        if (space is < 1 or > 9 || payload[..space].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || !TarNumber.TryReadDecimal(payload[..space], out var length) || length <= space + 1 || length > payload.Length || payload[(int)length - 1] != '\n')
        {
            return "malformed PAX record: its length is wrong";
        }

        var record = payload[(space + 1)..((int)length - 1)];
        payload = payload[(int)length..];
        var equals = record.IndexOf((byte)'=');
        if (equals < 1)
        {
            return "malformed PAX record: it has no key";
        }

        key = record[..equals];
        value = record[(equals + 1)..];
        return key.Contains((byte)0) ? "malformed PAX record: its key holds a NUL" : null;
    }

    private string? Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.StartsWith("SCHILY.xattr."u8))
        {
            return PaxXattr.AddSchily(Xattrs, key["SCHILY.xattr.".Length..], value);
        }

        if (key.StartsWith("GNU.sparse."u8))
        {
            return Sparse.Set(key["GNU.sparse.".Length..], value);
        }

        return key switch
        {
            _ when key.SequenceEqual("path"u8) => SetText(_path, value),
            _ when key.SequenceEqual("linkpath"u8) => SetText(_linkPath, value),
            _ when key.SequenceEqual("size"u8) => SetNumber(value, out _size),
            _ when key.SequenceEqual("uid"u8) => SetNumber(value, out _uid),
            _ when key.SequenceEqual("gid"u8) => SetNumber(value, out _gid),
            _ when key.SequenceEqual("mtime"u8) => SetTime(value),
            _ => null,
        };
    }

    private static string? SetText(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> value)
    {
        text.ResetWrittenCount();
        text.Write(value);
        return value.Contains((byte)0) ? "malformed PAX record: a path holds a NUL" : null;
    }

    private static string? SetNumber(ReadOnlySpan<byte> value, out Int128? slot)
    {
        slot = null;
        if (value.IsEmpty)
        {
            return null;
        }

        if (!TarNumber.TryReadDecimal(value, out var number))
        {
            return $"malformed PAX record: '{Core.Errors.Quoted.Name(value)}' is not a number";
        }

        slot = number;
        return null;
    }

    private string? SetTime(ReadOnlySpan<byte> value)
    {
        Modified = null;
        if (value.IsEmpty)
        {
            return null;
        }

        if (!TarNumber.TryReadTime(value, out var time))
        {
            return $"malformed PAX record: '{Core.Errors.Quoted.Name(value)}' is not a time";
        }

        Modified = time;
        return null;
    }
}
