using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>Reads the data of a file piece by piece, over its blocks of zeros.</summary>
/// <remarks>
/// Holes that the file system knows are skipped unread, which makes it fast. What is a hole is decided by the bytes alone: a block of zeros, wherever they come from. So a file
/// has the same holes on every file system, also on those that know no holes (SEEK_HOLE is not there, or calls the whole file data).
/// </remarks>
/// <param name="file">The file; its position is moved.</param>
/// <param name="size">How far it is read. What is cut off meanwhile counts as zeros.</param>
/// <param name="buffer">Room for a piece, in whole blocks.</param>
internal sealed class DataScanner(Fd file, long size, byte[] buffer)
{
    /// <summary>What a hole consists of: blocks of this size, at multiples of it.</summary>
    internal const int Block = 4096;

    private readonly int _capacity = buffer.Length / Block * Block;
    private long _start;
    private int _filled;
    private int _taken;
    private long _knownData;

    /// <summary>Goes to the next piece; false at the end.</summary>
    /// <param name="offset">Where it is in the file, a multiple of <see cref="Block"/>.</param>
    /// <param name="data">Its bytes: whole blocks, none of them all zeros; only the last of the file may be shorter. Valid until the next call.</param>
    internal bool TryNext(out long offset, out ReadOnlySpan<byte> data)
    {
        do
        {
            _taken += Zeros(buffer.AsSpan(_taken, _filled - _taken));
            if (_taken < _filled)
            {
                var length = Data(buffer.AsSpan(_taken, _filled - _taken));
                offset = _start + _taken;
                data = buffer.AsSpan(_taken, length);
                _taken += length;
                return true;
            }
        }
        while (Fill());

        offset = size;
        data = default;
        return false;
    }

    /// <summary>Returns how many bytes at the start are blocks of zeros.</summary>
    internal static int Zeros(ReadOnlySpan<byte> bytes)
    {
        var count = bytes.IndexOfAnyExcept((byte)0);
        return count < 0 ? bytes.Length : count / Block * Block;
    }

    /// <summary>Returns how many bytes there are before the next block of zeros.</summary>
    internal static int Data(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at += Block)
        {
            if (!bytes.Slice(at, Math.Min(Block, bytes.Length - at)).ContainsAnyExcept((byte)0))
            {
                return at;
            }
        }

        return bytes.Length;
    }

    private bool Fill()
    {
        _start += _filled;
        (_filled, _taken) = (0, 0);
        if (_start >= _knownData && size > _capacity) // of what is read in one piece nobody need ask
        {
            SkipHole();
        }

        var end = size > _capacity ? Math.Min(size, _knownData) : size;
        var wanted = (int)Math.Clamp(end - _start, 0, _capacity);
        while (_filled < wanted && FileSystem.ReadAt(file, buffer.AsSpan(_filled, wanted - _filled), _start + _filled) is > 0 and var count)
        {
            _filled += count;
        }

        return _filled > 0;
    }

    private void SkipHole()
    {
        var error = FileSystem.TrySeekData(file, _start, out var data);
        if (error == Errno.ENXIO)
        {
            _start = _knownData = size;
            return;
        }

        if (error != Errno.None || FileSystem.TrySeekHole(file, data, out var hole) != Errno.None)
        {
            _knownData = size;
            return;
        }

        // Smaller blocks than ours: what of a block of ours is no hole makes all of it something to look at.
        _start = Math.Max(_start, data / Block * Block);
        _knownData = (hole + Block - 1) / Block * Block;
    }
}
