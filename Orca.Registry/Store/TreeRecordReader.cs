using Orca.Core.Errors;
using Orca.Registry.Layers;

namespace Orca.Registry.Store;

/// <summary>Reads the records of a file <c>tree</c> one after another, the root's first and the root's end last: see <see cref="TreeRecordFile"/>.</summary>
internal sealed class TreeRecordReader : IDisposable
{
    private const int MaxLine = 16 * 1024; // a name has at most 255 bytes, on any file system of Linux

    private readonly Stream _records;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024);
    private int _start;
    private int _end;
    private int _depth;
    private bool _hasRoot;

    private TreeRecordReader(byte[] content) => _records = LayerDecompressor.Open(new MemoryStream(content, writable: false), TreeRecordFile.FileName);

    /// <summary>The record that <see cref="TryNext"/> read.</summary>
    internal TreeRecord Current { get; private set; }

    /// <summary>Reads from the first record on; null when the file is cut, or damaged: it is gone over to its end before.</summary>
    internal static TreeRecordReader? TryOpen(byte[] content)
    {
        using (var all = new TreeRecordReader(content))
        {
            if (!all.IsSound())
            {
                return null;
            }
        }

        var reader = new TreeRecordReader(content);
        reader.TryTake(TreeRecordFile.Head);
        return reader;
    }

    /// <summary>Goes to the next record; false behind the root's end, and where the file is damaged.</summary>
    internal bool TryNext()
    {
        if ((_hasRoot && _depth == 0) || !TryTakeLine(out var line) || TreeRecord.Read(line) is not { } record || !(_hasRoot || record.IsDirectory))
        {
            return false;
        }

        _hasRoot = true;
        _depth += record.Descent;
        Current = record;
        return true;
    }

    public void Dispose() => _records.Dispose();

    private bool IsSound()
    {
        try
        {
            var isHead = TryTake(TreeRecordFile.Head);
            while (isHead && TryNext())
            {
            }

            return _hasRoot && _depth == 0 && TryTake(TreeRecordFile.Tail) && _start == _end && !Fill();
        }
        catch (ContentException)
        {
            return false;
        }
    }

    private bool TryTake(ReadOnlySpan<byte> line) => TryTakeLine(out var found) && found.SequenceEqual(line);

    private bool TryTakeLine(out ReadOnlySpan<byte> line)
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)0)) < 0)
        {
            if (_end - _start > MaxLine || !Fill())
            {
                line = default;
                return false;
            }
        }

        line = _buffer.AsSpan(_start, length);
        _start += length + 1;
        return true;
    }

    private bool Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var count = _records.Read(_buffer.AsSpan(_end));
        _end += count;
        return count > 0;
    }
}
