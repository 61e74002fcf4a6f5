using System.Buffers;

namespace Orca.Registry.Layers;

/// <summary>The headers that say more about the entry after them: PAX <c>x</c> and <c>g</c>, GNU <c>L</c> and <c>K</c>.</summary>
/// <remarks>
/// As in Go's archive/tar: of several of one kind before one entry the last counts; GNU names win over PAX paths; a global header takes
/// away what came before it for the next entry, and means nothing else.
/// </remarks>
internal sealed class TarExtensions(TarBuffer buffer, LayerLimits limits, int layer)
{
    private readonly ArrayBufferWriter<byte> _payload = new(1024);
    private readonly ArrayBufferWriter<byte> _longName = new(256);
    private readonly ArrayBufferWriter<byte> _longLink = new(256);

    internal PaxRecords Pax { get; } = new();

    /// <summary>Bytes of the largest header so far.</summary>
    internal uint LargestHeader { get; private set; }

    /// <summary>True when a header was read that needs an entry after it.</summary>
    internal bool ArePending { get; private set; }

    internal void Clear()
    {
        if (ArePending)
        {
            Pax.Clear();
            _longName.ResetWrittenCount();
            _longLink.ResetWrittenCount();
            ArePending = false;
        }
    }

    /// <summary>Reads the header's payload when it is an extension; false when it is an ordinary entry.</summary>
    internal bool TryRead(TarHeader header, long offset)
    {
        var type = header.Type;
        if (type is not ((byte)'x' or (byte)'g' or (byte)'L' or (byte)'K'))
        {
            return false;
        }

        // The payload goes over the header in the buffer: take from it what is needed first.
        ReadPayload(header.SizeField, offset);
        if (type == 'g')
        {
            Clear();
        }

        ArePending |= type != 'g';
        var fault = type switch
        {
            (byte)'x' => Pax.Read(_payload.WrittenSpan),
            (byte)'g' => PaxRecords.CheckGlobal(_payload.WrittenSpan),
            (byte)'L' => SetLong(_longName),
            _ => SetLong(_longLink),
        };
        return fault is null ? true : throw LayerFault.At(layer, offset, fault);
    }

    /// <summary>Gives the entry its name and its link target.</summary>
    internal void FillNames(TarHeader header, LayerEntry entry)
    {
        if (Pax.Sparse.IsPresent && !Pax.Sparse.Name.IsEmpty)
        {
            entry.SetName(Pax.Sparse.Name);
        }
        else if (_longName.WrittenCount > 0)
        {
            entry.SetName(_longName.WrittenSpan);
        }
        else if (!Pax.Path.IsEmpty)
        {
            entry.SetName(Pax.Path);
        }
        else
        {
            entry.SetName(header.Prefix);
            entry.AppendName(entry.Name.IsEmpty ? [] : "/"u8);
            entry.AppendName(header.Name);
        }

        entry.SetTarget(_longLink.WrittenCount > 0 ? _longLink.WrittenSpan : !Pax.LinkPath.IsEmpty ? Pax.LinkPath : header.LinkName);
    }

    private string? SetLong(ArrayBufferWriter<byte> text)
    {
        var payload = _payload.WrittenSpan;
        var end = payload.IndexOf((byte)0);
        text.ResetWrittenCount();
        text.Write(end < 0 ? payload : payload[..end]);
        return null;
    }

    private void ReadPayload(ReadOnlySpan<byte> sizeField, long offset)
    {
        if (!TarNumber.TryRead(sizeField, out var size) || size < 0)
        {
            throw LayerFault.At(layer, offset, size < 0 ? "negative size" : "the size field is not a number");
        }

        if (size > limits.MaxHeader)
        {
            throw LayerFault.At(layer, offset, $"extended header too large: {size} bytes exceeds limit of {limits.MaxHeader}", LayerLimits.Hint("header"));
        }

        LargestHeader = Math.Max(LargestHeader, (uint)size);
        _payload.ResetWrittenCount();
        for (var left = (long)size; left > 0;)
        {
            var piece = buffer.ReadSome(left);
            _payload.Write(piece);
            left -= piece.Length;
        }

        buffer.SkipPadding((int)(-(long)size & (TarHeader.Size - 1)));
    }
}
