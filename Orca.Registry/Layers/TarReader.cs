using Orca.Core.Errors;

namespace Orca.Registry.Layers;

/// <summary>Reads a layer archive entry by entry, byte by byte: names are bytes, every checksum is verified, nothing is guessed.</summary>
/// <remarks>
/// Reads v7, ustar, PAX, GNU (long names, base-256, sparse) and star archives. One pass, one buffer of 256 KiB; what <see cref="ReadData(long)"/>
/// gives lies in that buffer, so a file goes from the stream to the disk with one copy. Rules and outcomes: docs/layers.md.
/// </remarks>
internal sealed class TarReader : IDisposable
{
    private readonly TarBuffer _buffer;
    private readonly TarExtensions _extensions;
    private readonly LayerBudget _budget;
    private readonly int _layer;
    private long _dataLeft;
    private int _padding;
    private bool _atEnd;
    private bool _ignoredBytes;

    internal TarReader(Stream stream, LayerBudget budget, int layer)
    {
        _budget = budget;
        _layer = layer;
        _buffer = new TarBuffer(stream, budget, layer);
        _extensions = new TarExtensions(_buffer, budget.Limits, layer);
        Entry = new LayerEntry { Layer = layer };
    }

    /// <summary>The entry that <see cref="Next"/> read; the same object each time.</summary>
    internal LayerEntry Entry { get; }

    /// <summary>True when the archive's end was marked by a block of zeros, so that it cannot have been cut there.</summary>
    internal bool HasEndMark { get; private set; }

    /// <summary>What of the archive was left out by the rules, one text for each kind; empty for nearly all archives.</summary>
    internal IEnumerable<(string Kind, string Text)> Notes
    {
        get
        {
            if (_ignoredBytes)
            {
                yield return ("behind-the-end", $"ignored data after the end mark of the archive (layer {_layer}), as other readers do");
            }
        }
    }

    /// <summary>How large the archive is, when it was read to its end.</summary>
    internal LayerExtent Extent => new(_buffer.BytesRead, _extensions.LargestHeader);

    /// <summary>Goes to the next entry, over what is left of this one's data; false at the end of the archive.</summary>
    /// <exception cref="LayerException">The archive is malformed or beyond the limits.</exception>
    internal bool Next()
    {
        SkipData();
        _extensions.Clear();
        while (!_atEnd)
        {
            var offset = _buffer.Position;
            var block = _buffer.ReadBlock();
            if (block.IsEmpty || new TarHeader(block).IsZero)
            {
                End(block.IsEmpty, offset);
                return false;
            }

            var header = new TarHeader(block);
            if (!header.HasValidChecksum())
            {
                throw LayerFault.At(_layer, offset, offset == 0 ? "this is not a tar archive: wrong header checksum" : "wrong header checksum");
            }

            if (!_extensions.TryRead(header, offset))
            {
                Fill(header, offset);
                return true;
            }
        }

        return false;
    }

    /// <summary>The next piece of the entry's data, empty at its end; valid until the next call.</summary>
    internal ReadOnlySpan<byte> ReadData(long limit = long.MaxValue)
    {
        var data = _buffer.ReadSome(Math.Min(_dataLeft, limit));
        _dataLeft -= data.Length;
        return data;
    }

    /// <summary>Reads as much of the entry's data as is at hand, with no copy between; 0 at its end.</summary>
    internal int ReadData(Span<byte> buffer)
    {
        var count = _buffer.ReadSome(buffer[..(int)Math.Min(_dataLeft, buffer.Length)]);
        _dataLeft -= count;
        return count;
    }

    /// <summary>Reads the stream to its end, so that whoever checks its digest has seen every byte.</summary>
    internal void Drain()
    {
        _atEnd = true;
        _ignoredBytes |= _buffer.Drain();
    }

    public void Dispose() => _buffer.Dispose();

    private void SkipData()
    {
        _buffer.Skip(_dataLeft);
        _dataLeft = 0;
        _buffer.SkipPadding(_padding);
        _padding = 0;
    }

    private void End(bool streamEnded, long offset)
    {
        if (_extensions.ArePending)
        {
            throw LayerFault.At(_layer, offset, "unexpected end after an extended header");
        }

        _atEnd = true;
        if (streamEnded)
        {
            return;
        }

        HasEndMark = true;

        // What comes after two zero blocks is nobody's business; a single one before more entries hides them from some tools.
        var second = _buffer.ReadBlock();
        if (!second.IsEmpty && !new TarHeader(second).IsZero)
        {
            throw LayerFault.At(_layer, offset, "a zero block, and then another header");
        }
    }

    private void Fill(TarHeader header, long offset)
    {
        Entry.Offset = offset;
        _extensions.FillNames(header, Entry);
        if (Entry.Name.Length > _budget.Limits.MaxPath)
        {
            throw LayerFault.At(_layer, offset, $"a path of {Entry.Name.Length} bytes exceeds limit of {_budget.Limits.MaxPath}", LayerLimits.Hint("path"));
        }

        if (Entry.Name.Count((byte)'/') is var depth && depth >= _budget.Limits.MaxDepth)
        {
            throw LayerFault.At(_layer, offset, $"a path of {depth + 1} names exceeds limit of {_budget.Limits.MaxDepth}", LayerLimits.Hint("depth"));
        }

        var stored = TarFields.Fill(header, _extensions.Pax, Entry);
        if (_budget.TakeEntry() is { } tooMany)
        {
            throw LayerFault.In(Entry, tooMany, LayerLimits.Hint("entries"));
        }

        // Only files have data. What the size of anything else says (a directory's limit, what stat told) means nothing, and nothing stands behind it.
        if (Entry.Kind == EntryKind.File)
        {
            FillContent(header, stored);
        }
        else if (_extensions.Pax.Sparse.IsPresent)
        {
            throw LayerFault.In(Entry, "it has a sparse map, but its type has no data");
        }
    }

    private void FillContent(TarHeader header, Int128 stored)
    {
        if (header.Type == 'S' && !header.IsGnu)
        {
            throw LayerFault.In(Entry, "it is a sparse file in a form other than GNU's, which is not supported");
        }

        if (stored > long.MaxValue || stored < 0)
        {
            throw LayerFault.In(Entry, stored < 0 ? "negative size" : $"its size exceeds limit of {_budget.Limits.MaxBytes} bytes for an image");
        }

        _dataLeft = (long)stored;
        _padding = (int)(-_dataLeft & (TarHeader.Size - 1));
        Entry.Size = _dataLeft;
        Entry.IsSparse = header.Type == 'S' || _extensions.Pax.Sparse.IsPresent;
        var mapFault = Entry.IsSparse ? SparseReader.Read(header, _extensions.Pax.Sparse, Entry, _buffer, _budget.Limits, ref _dataLeft) : null;
        if ((mapFault ?? _budget.TakeContent(Entry.Size)) is { } fault)
        {
            throw LayerFault.In(Entry, fault, mapFault is null ? LayerLimits.Hint("size") : null);
        }
    }
}
