using System.Buffers;
using System.IO.Hashing;
using Orca.Registry.Layers.Scratch;
using ZstdSharp.Unsafe;

namespace Orca.Registry.Layers.Zstd;

/// <summary>A frame whose window is too large for memory, block by block: RFC 8878, 3.1.1. All other frames are the library's.</summary>
internal sealed class LongFrame : IDisposable
{
    private const int Raw = 0, Same = 1, Compressed = 2;
    private const ulong UnknownLength = ulong.MaxValue; // ZSTD_CONTENTSIZE_UNKNOWN

    private readonly InputWindow _input;
    private readonly FrameHistory _history;
    private readonly BlockDecoder _decoder;
    private readonly XxHash64? _checksum;
    private readonly ulong _length;
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(FrameHistory.LongestBlock + BackwardBits.Padding);
    private int _given;
    private bool _isAtEnd;

    /// <param name="input">Where the frame is next.</param>
    /// <param name="header">What its header says.</param>
    /// <param name="file">Where its window may lie, empty; null when it has to be in memory.</param>
    internal LongFrame(InputWindow input, in ZSTD_frameHeader header, ScratchFile? file)
    {
        (_input, _length) = (input, header.frameContentSize);
        input.Advance((int)header.headerSize);
        _history = new FrameHistory((long)header.windowSize, file);
        _decoder = new BlockDecoder(_history);
        _checksum = header.checksumFlag != 0 ? new XxHash64() : null;
    }

    /// <summary>Reads what the frame becomes; 0 at its end.</summary>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    /// <exception cref="EndOfStreamException">It is cut.</exception>
    internal int Read(Span<byte> buffer)
    {
        while (_given == _history.Block.Length)
        {
            if (_isAtEnd)
            {
                return 0;
            }

            DecodeBlock();
        }

        var count = Math.Min(buffer.Length, _history.Block.Length - _given);
        _history.Block.Slice(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    public void Dispose()
    {
        _history.Dispose();
        _decoder.Dispose();
        ArrayPool<byte>.Shared.Return(_block);
    }

    private void DecodeBlock()
    {
        TakeBytes(3);
        var header = _block[0] | (_block[1] << 8) | (_block[2] << 16);
        var (kind, size) = ((header >> 1) & 3, header >> 3);
        if (size > _history.Longest)
        {
            throw new InvalidDataException("a block is too long");
        }

        TakeBytes(kind == Same ? 1 : size);
        _history.BeginBlock();
        switch (kind)
        {
            case Raw:
                _history.Append(_block.AsSpan(0, size));
                break;
            case Same:
                _history.Extend(size).Fill(_block[0]);
                break;
            case Compressed:
                _decoder.Decode(_block, size);
                break;
            default:
                throw new InvalidDataException("a block is of a reserved kind");
        }

        _history.EndBlock();
        _given = 0;
        _checksum?.Append(_history.Block);
        if ((header & 1) != 0)
        {
            End();
        }
    }

    private void End()
    {
        _isAtEnd = true;
        if (_length != UnknownLength && _length != (ulong)_history.Length)
        {
            throw new InvalidDataException("the frame is not as long as it says");
        }

        if (_checksum is not null)
        {
            TakeBytes(sizeof(uint));
            if (BitConverter.ToUInt32(_block) != (uint)_checksum.GetCurrentHashAsUInt64())
            {
                throw new InvalidDataException("its checksum is wrong");
            }
        }
    }

    /// <summary>Brings the next bytes to the start of the buffer.</summary>
    private void TakeBytes(int count)
    {
        for (var target = _block.AsSpan(0, count); !target.IsEmpty;)
        {
            if (!_input.Fill())
            {
                throw new EndOfStreamException();
            }

            var taken = Math.Min(target.Length, _input.Available.Length);
            _input.Available[..taken].CopyTo(target);
            _input.Advance(taken);
            target = target[taken..];
        }
    }
}
