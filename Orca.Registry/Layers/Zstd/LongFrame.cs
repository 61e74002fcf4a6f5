using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Orca.Registry.Layers.Scratch;
using ZstdSharp.Unsafe;

namespace Orca.Registry.Layers.Zstd;

/// <summary>Decodes frames with large windows, one after another, block by block: RFC 8878, 3.1.1. All other frames are the library's.</summary>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="scratch">Opens an empty file for what does not fit into memory.</param>
internal sealed class LongFrame(InputWindow input, Func<ScratchFile> scratch) : IDisposable
{
    private const int Raw = 0, Same = 1, Compressed = 2;
    private const ulong UnknownLength = ulong.MaxValue; // ZSTD_CONTENTSIZE_UNKNOWN

    private readonly FrameHistory _history = new(scratch);
    private readonly BlockDecoder _decoder = new();
    private readonly XxHash64 _checksum = new();
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(FrameHistory.LargestBlock + BackwardBits.Padding);
    private bool _hasChecksum;
    private ulong _length;
    private int _given;
    private bool _isAtEnd;

    /// <summary>Begins the frame that is next in the input.</summary>
    internal void Begin(in ZSTD_frameHeader header)
    {
        input.Advance((int)header.headerSize);
        (_length, _hasChecksum, _given, _isAtEnd) = (header.frameContentSize, header.checksumFlag != 0, 0, false);
        _history.BeginFrame((long)header.windowSize);
        _decoder.BeginFrame();
        _checksum.Reset();
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
        if (size > _history.MaxBlock)
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
                _decoder.Decode(_block, size, _history);
                break;
            default:
                throw new InvalidDataException("a block is of a reserved kind");
        }

        _given = 0;
        if (_hasChecksum)
        {
            _checksum.Append(_history.Block);
        }

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

        if (_hasChecksum)
        {
            TakeBytes(sizeof(uint));
            if (BinaryPrimitives.ReadUInt32LittleEndian(_block) != (uint)_checksum.GetCurrentHashAsUInt64())
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
            if (!input.Fill())
            {
                throw new EndOfStreamException();
            }

            var taken = Math.Min(target.Length, input.Available.Length);
            input.Available[..taken].CopyTo(target);
            input.Advance(taken);
            target = target[taken..];
        }
    }
}
