namespace Orca.Registry.Layers.Spill;

/// <summary>Sorts byte strings: as many as there is room for at once, and what came of that by merging.</summary>
internal sealed class SpillSorter(SpillSpace space, bool descending = false) : IDisposable
{
    /// <summary>Runs that are merged at once; each has a buffer.</summary>
    private const int Fan = 64;

    private const int Overhead = 32; // of a string in memory

    private readonly List<byte[]> _strings = [];
    private readonly List<Run> _runs = [];
    private readonly Comparison<byte[]> _order = descending ? static (a, b) => b.AsSpan().SequenceCompareTo(a) : static (a, b) => a.AsSpan().SequenceCompareTo(b);
    private SpillBytes? _bytes;
    private long _size;

    internal void Add(byte[] text)
    {
        if (_size + text.Length + Overhead > space.Run && _strings.Count > 1)
        {
            Spill();
        }

        _strings.Add(text);
        _size += text.Length + Overhead;
    }

    /// <summary>All of them in order. Afterwards it is empty again.</summary>
    internal IEnumerable<byte[]> Drain()
    {
        if (_runs.Count > 0)
        {
            Spill();
        }

        _strings.Sort(_order);
        foreach (var text in _runs.Count > 0 ? Merge(_runs) : _strings)
        {
            yield return text;
        }

        Clear();
    }

    public void Dispose() => _bytes?.Dispose();

    private void Clear()
    {
        _strings.Clear();
        _runs.Clear();
        _size = 0;
        _bytes?.Dispose();
        _bytes = null;
    }

    private void Spill()
    {
        _strings.Sort(_order);
        Write(_strings, level: 0);
        _strings.Clear();
        _size = 0;
        while (_runs.Count >= Fan && _runs[^Fan].Level == _runs[^1].Level)
        {
            var some = _runs[^Fan..];
            _runs.RemoveRange(_runs.Count - Fan, Fan);
            Write(Merge(some), some[0].Level + 1);
        }
    }

    private void Write(IEnumerable<byte[]> strings, int level)
    {
        _bytes ??= new SpillBytes(space);
        var start = _bytes.Length;
        foreach (var text in strings)
        {
            SpillReader.Write(_bytes, text);
        }

        _runs.Add(new Run(start, _bytes.Length, level));
    }

    private IEnumerable<byte[]> Merge(List<Run> runs)
    {
        var queue = new PriorityQueue<SpillReader, byte[]>(Comparer<byte[]>.Create(_order));
        foreach (var run in runs)
        {
            var reader = new SpillReader(_bytes!, run.Start, run.End, Math.Max(SpillReader.Head, space.Tail / 16));
            Enqueue(queue, reader);
        }

        while (queue.TryDequeue(out var reader, out var text))
        {
            yield return text;
            Enqueue(queue, reader);
        }
    }

    private static void Enqueue(PriorityQueue<SpillReader, byte[]> queue, SpillReader reader)
    {
        if (reader.TryNext(out var text))
        {
            queue.Enqueue(reader, text.ToArray());
        }
    }

    private sealed record Run(long Start, long End, int Level);
}
