using System.Buffers;

namespace Orca.Registry.Layers;

/// <summary>The records <c>GNU.sparse.*</c> of a PAX header, in the three versions that GNU tar writes.</summary>
/// <remarks>
/// Source: GNU tar manual, "Storing Sparse Files". 0.0 repeats <c>offset</c> and <c>numbytes</c> (so here order counts and nothing "wins");
/// 0.1 has one <c>map</c>; 1.0 has the map in front of the data. 0.1 and 1.0 keep the true path in <c>name</c>.
/// </remarks>
internal sealed class PaxSparse
{
    private readonly ArrayBufferWriter<byte> _name = new(64);
    private readonly List<long> _numbers = [];
    private Int128 _major = -1;
    private Int128 _minor = -1;
    private Int128 _blocks = -1;
    private bool _hasMap;

    internal ReadOnlySpan<byte> Name => _name.WrittenSpan;

    internal Int128? RealSize { get; private set; }

    /// <summary>True when the records say that the entry is sparse.</summary>
    internal bool IsPresent => _hasMap || _major >= 0 || _minor >= 0;

    /// <summary>True when the map stands in front of the data.</summary>
    internal bool MapIsInData => _major == 1 && _minor == 0;

    /// <summary>True for a version that nobody has defined.</summary>
    internal bool IsUnknownVersion => !MapIsInData && (_major > 0 || _minor > 1 || (_major < 0) != (_minor < 0));

    /// <summary>True when the map in the records has as many regions as they say that it has, if they say so.</summary>
    internal bool IsComplete => _numbers.Count % 2 == 0 && (_blocks < 0 || _blocks * 2 == _numbers.Count);

    /// <summary>Offsets and lengths by turns.</summary>
    internal List<long> Numbers => _numbers;

    internal void Clear()
    {
        _name.ResetWrittenCount();
        _numbers.Clear();
        _major = _minor = _blocks = -1;
        _hasMap = false;
        RealSize = null;
    }

    internal string? Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("name"u8))
        {
            _name.ResetWrittenCount();
            _name.Write(value);
            return value.Contains((byte)0) ? "malformed PAX record: a path holds a NUL" : null;
        }

        if (key.SequenceEqual("map"u8))
        {
            return SetMap(value);
        }

        if (key.SequenceEqual("offset"u8) || key.SequenceEqual("numbytes"u8))
        {
            var expectsOffset = _numbers.Count % 2 == 0;
            return key.SequenceEqual("offset"u8) == expectsOffset && Add(value) ? null : SparseMap.Fault;
        }

        if (!TarNumber.TryReadDecimal(value, out var number) || number < 0)
        {
            return SparseMap.Fault;
        }

        switch (key)
        {
            case var _ when key.SequenceEqual("major"u8):
                _major = number;
                break;
            case var _ when key.SequenceEqual("minor"u8):
                _minor = number;
                break;
            case var _ when key.SequenceEqual("size"u8) || key.SequenceEqual("realsize"u8):
                RealSize = number;
                break;
            case var _ when key.SequenceEqual("numblocks"u8):
                _hasMap = true;
                _blocks = number;
                break;
        }

        return null;
    }

    private string? SetMap(ReadOnlySpan<byte> value)
    {
        _numbers.Clear();
        _hasMap = true;
        foreach (var range in value.Split((byte)','))
        {
            if (!value.IsEmpty && !Add(value[range]))
            {
                return SparseMap.Fault;
            }
        }

        return null;
    }

    private bool Add(ReadOnlySpan<byte> text)
    {
        _hasMap = true;
        if (!TarNumber.TryReadDecimal(text, out var number) || number < 0 || number > long.MaxValue)
        {
            return false;
        }

        _numbers.Add((long)number);
        return true;
    }
}
