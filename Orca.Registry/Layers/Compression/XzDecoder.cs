using System.Buffers.Binary;
using System.IO.Hashing;

namespace Orca.Registry.Layers.Compression;

/// <summary>Decompresses xz: streams one after another, with padding between them; each check, size, index and footer is verified.</summary>
/// <remarks>
/// Source: "The .xz File Format", version 1.2.1. SharpCompress decodes LZMA2. Its own xz reader takes one stream, compares no index and no footer, and ends a block where a read
/// brings less than was asked for, so the container is read here.
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
internal sealed class XzDecoder(InputWindow input, string name) : LzmaFormatDecoder(input, name, "xz")
{
    private const int StreamHeaderSize = 12, FooterSize = 12;

    private static ReadOnlySpan<byte> Magic => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    private readonly XzIndex _index = new(input);
    private State _state = State.Stream;
    private XzCheck? _check;
    private byte _checkType;
    private XzBlockHeader? _block;

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
                        _check!.Add(buffer[..count]);
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
            _check?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void BeginStream()
    {
        var header = Require(StreamHeaderSize);
        if (!header.StartsWith(Magic))
        {
            throw Trailing();
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
            throw header[6] == 0 && _checkType < 16 ? Fault($"its xz check of type {_checkType} is not supported") : Malformed();
        }

        Input.Advance(StreamHeaderSize);
        _index.Clear();
        _state = State.Block;
    }

    private void BeginBlock()
    {
        if (Require(1)[0] == 0)
        {
            EndStream();
            return;
        }

        var size = (Input.Available[0] + 1) * 4;
        _block = XzBlockHeader.TryRead(Require(size), out var fault) ?? throw Fault(fault);
        RequireWindow(_block.Window);
        Input.Advance(size);
        Begin([_block.Dictionary], isSecond: true);
        _state = State.Data;
    }

    private void EndBlock()
    {
        End();
        var compressed = Taken;
        if (compressed != (_block!.CompressedBytes ?? compressed) || Written != (_block.Bytes ?? Written))
        {
            throw Fault("the sizes in an xz block header are wrong");
        }

        var padding = (int)(-(long)compressed & 3);
        var rest = Require(padding + _check!.Size);
        if (rest[..padding].ContainsAnyExcept((byte)0))
        {
            throw Malformed();
        }

        if (!_check.Matches(rest[padding..]))
        {
            throw Fault("wrong xz checksum");
        }

        Input.Advance(rest.Length);
        _index.Add((ulong)_block.Size + compressed + (ulong)_check.Size, Written);
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

        var footer = Require(FooterSize);
        if (Crc32.HashToUInt32(footer[4..10]) != BinaryPrimitives.ReadUInt32LittleEndian(footer) || (BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) + 1L) * 4 != size
            || footer[8] != 0 || footer[9] != _checkType || footer[10] != (byte)'Y' || footer[11] != (byte)'Z')
        {
            throw Fault("the xz footer is wrong");
        }

        Input.Advance(FooterSize);
        _state = State.Padding;
    }

    /// <summary>Zeros by fours; another stream may follow.</summary>
    private void SkipPadding()
    {
        var four = Input.Peek(4);
        if (four.IsEmpty)
        {
            _state = State.End;
        }
        else if (four.SequenceEqual("\0\0\0\0"u8))
        {
            Input.Advance(4);
        }
        else if (four.Length == 4 && four[0] == Magic[0])
        {
            _state = State.Stream;
        }
        else
        {
            throw Trailing();
        }
    }
}
