using System.Buffers.Binary;
using System.IO.Hashing;
using Orca.Core.Errors;
using SharpCompress.Compressors.LZMA;

namespace Orca.Registry.Layers.Compression;

/// <summary>Decompresses xz: streams one after another, with padding between them; each check, size, index and footer is verified.</summary>
/// <remarks>
/// Source: "The .xz File Format", version 1.2.1. SharpCompress decodes LZMA2. Its own xz reader takes one stream, compares no index and no footer, and ends a block where a read
/// brings less than was asked for, so the container is read here.
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
internal sealed class XzDecoder(InputWindow input, string name) : ForwardStream
{
    private const string Format = "xz";
    private const int StreamHeaderSize = 12, FooterSize = 12;

    private static ReadOnlySpan<byte> Magic => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    private readonly LibraryInput _input = new(input);
    private readonly XzIndex _index = new(input);
    private State _state = State.Stream;
    private XzCheck? _check;
    private byte _checkType;
    private XzBlockHeader? _block;
    private LzmaStream? _stream;
    private long _start;
    private ulong _written;
    private ulong _largestWindow;

    private enum State
    {
        Stream,
        Block,
        Data,
        Padding,
        End,
    }

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && _state != State.End)
        {
            switch (_state)
            {
                case State.Stream:
                    BeginStream();
                    break;
                case State.Block:
                    BeginBlock();
                    break;
                case State.Padding:
                    SkipPadding();
                    break;
                default:
                    if (Decode(buffer) is > 0 and var count)
                    {
                        return count;
                    }

                    EndBlock();
                    break;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream?.Dispose();
            _check?.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Decode(Span<byte> buffer)
    {
        try
        {
            var count = _stream!.Read(buffer);
            _check!.Add(buffer[..count]);
            _written += (ulong)count;
            return count;
        }
        catch (Exception e) when (e is not (OrcaException or OutOfMemoryException))
        {
            throw _input.Explain(e, name, Format);
        }
    }

    private void BeginStream()
    {
        var header = Peek(StreamHeaderSize);
        if (!header.StartsWith(Magic))
        {
            throw TrailingBytes.Fault(name, Format);
        }

        if (Crc32.HashToUInt32(header[6..8]) != BinaryPrimitives.ReadUInt32LittleEndian(header[8..]))
        {
            throw Fault("wrong xz checksum (of the stream header)");
        }

        _check?.Dispose();
        _checkType = header[7];
        _check = header[6] == 0 ? XzCheck.TryCreate(_checkType) : null;
        if (_check is null)
        {
            throw Fault(header[6] == 0 && _checkType < 16 ? $"its xz check of type {_checkType} is not supported" : Malformed);
        }

        input.Advance(StreamHeaderSize);
        _index.Clear();
        _state = State.Block;
    }

    private void BeginBlock()
    {
        if (Peek(1)[0] == 0)
        {
            EndStream();
            return;
        }

        var size = (input.Available[0] + 1) * 4;
        _block = XzBlockHeader.TryRead(Peek(size), out var fault) ?? throw Fault(fault);
        LzmaWindow.Require(_block.Window, name, Format);
        if (_block.Window > _largestWindow)
        {
            LzmaWindow.MakeRoom(_largestWindow = _block.Window);
        }

        input.Advance(size);
        (_start, _written, _state) = (input.Taken, 0, State.Data);
        try
        {
            _stream = LzmaStream.Create([_block.Dictionary], new Lzma2Input(_input), -1, -1, null, isLzma2: true, leaveOpen: true);
        }
        catch (Exception e) when (e is not (OrcaException or OutOfMemoryException))
        {
            throw _input.Explain(e, name, Format);
        }
    }

    private void EndBlock()
    {
        _stream!.Dispose();
        _stream = null;
        var compressed = (ulong)(input.Taken - _start);
        if (compressed != (_block!.CompressedBytes ?? compressed) || _written != (_block.Bytes ?? _written))
        {
            throw Fault("the sizes in an xz block header are wrong");
        }

        var padding = (int)(-(long)compressed & 3);
        var rest = Peek(padding + _check!.Size);
        if (rest[..padding].ContainsAnyExcept((byte)0))
        {
            throw Fault(Malformed);
        }

        if (!_check.Matches(rest[padding..]))
        {
            throw Fault("wrong xz checksum");
        }

        input.Advance(rest.Length);
        _index.Add((ulong)_block.Size + compressed + (ulong)_check.Size, _written);
        _state = State.Block;
    }

    private void EndStream()
    {
        long size;
        try
        {
            size = _index.Read();
        }
        catch (EndOfStreamException)
        {
            throw Truncated();
        }

        if (size == 0)
        {
            throw Fault("the xz index is wrong");
        }

        var footer = Peek(FooterSize);
        if (Crc32.HashToUInt32(footer[4..10]) != BinaryPrimitives.ReadUInt32LittleEndian(footer) || (BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) + 1L) * 4 != size
            || footer[8] != 0 || footer[9] != _checkType || footer[10] != (byte)'Y' || footer[11] != (byte)'Z')
        {
            throw Fault("the xz footer is wrong");
        }

        input.Advance(FooterSize);
        _state = State.Padding;
    }

    /// <summary>Zeros by fours; another stream may follow.</summary>
    private void SkipPadding()
    {
        var four = input.Peek(4);
        if (four.IsEmpty)
        {
            _state = State.End;
        }
        else if (four.SequenceEqual("\0\0\0\0"u8))
        {
            input.Advance(4);
        }
        else if (four.Length == 4 && four[0] == Magic[0])
        {
            _state = State.Stream;
        }
        else
        {
            throw TrailingBytes.Fault(name, Format);
        }
    }

    private const string Malformed = "malformed xz stream";

    private ReadOnlySpan<byte> Peek(int count)
    {
        var bytes = input.Peek(count);
        return bytes.Length == count ? bytes : throw Truncated();
    }

    private ContentException Truncated() => Fault("truncated xz stream");

    private ContentException Fault(string cause) => new($"cannot decompress {name}: {cause}");
}
