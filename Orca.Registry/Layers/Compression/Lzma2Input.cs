namespace Orca.Registry.Layers.Compression;

/// <summary>Passes the chunks of LZMA2 to the library's decoder, and refuses what it does not: properties that LZMA2 does not have.</summary>
/// <remarks>
/// The library builds a new model at each chunk that resets the state, of the size that one byte of its header says; up to lc + lp = 12 that is 18 MB for ten bytes of
/// input. LZMA2 allows lc + lp = 4, which is 75 kB (the .xz specification, section 5.3.1; liblzma refuses the same).
/// </remarks>
internal sealed class Lzma2Input(LibraryInput input) : ForwardStream
{
    private int _headerLeft = 1;
    private int _headerRead;
    private int _dataLeft;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (_headerLeft > 0)
        {
            buffer[0] = (byte)ReadByte();
            return 1;
        }

        var count = input.Read(buffer[..Math.Min(buffer.Length, _dataLeft)]);
        Take(count);
        return count;
    }

    public override int ReadByte()
    {
        var value = (byte)input.ReadByte();
        if (_headerLeft > 0)
        {
            ReadHeader(value);
        }
        else
        {
            Take(1);
        }

        return value;
    }

    private void Take(int count)
    {
        _dataLeft -= count;
        _headerLeft = _dataLeft == 0 ? 1 : 0;
    }

    /// <summary>Control byte, size of the output less one, and of compressed chunks size of the input less one, and properties if they are new.</summary>
    private void ReadHeader(byte value)
    {
        switch (_headerRead++)
        {
            case 0:
                _dataLeft = 0;
                _headerLeft = value switch
                {
                    0 => 1, // the end
                    1 or 2 => 3,
                    >= 0xc0 => 6,
                    >= 0x80 => 5,
                    _ => throw new InvalidDataException(),
                };
                break;
            case 1 or 3:
                _dataLeft = value << 8; // the last size counts
                break;
            case 2 or 4:
                _dataLeft += value + 1;
                break;
            default:
                RequireProperties(value);
                break;
        }

        if (--_headerLeft == 0)
        {
            _headerRead = 0;
            Take(0);
        }
    }

    private static void RequireProperties(byte value)
    {
        var (lc, lp, pb) = (value % 9, value / 9 % 5, value / 45);
        if (pb > 4 || lc + lp > 4)
        {
            throw new InvalidDataException();
        }
    }
}
