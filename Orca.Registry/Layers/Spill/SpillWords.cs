using System.Runtime.InteropServices;
using Orca.Core.Linux;

namespace Orca.Registry.Layers.Spill;

/// <summary>An array of 64-bit words, zeros at first: in memory when there is room, else in a file, with the pages used last in memory.</summary>
internal sealed class SpillWords : IDisposable
{
    private const int LargestPage = 512; // words: as much as a page of memory

    private readonly SpillSpace _space;
    private readonly PageBlock _memory;
    private readonly int _held;
    private readonly int _pageSize;
    private readonly SpillFile? _file;
    private readonly (long Page, bool IsChanged)[] _frames = [];

    /// <summary>Makes one of a number of words.</summary>
    internal SpillWords(SpillSpace space, long length)
    {
        (_space, Length) = (space, length);
        _held = space.Take(length);
        _memory = new PageBlock(_held);
        _pageSize = Math.Min(LargestPage, _held / 4);
        if (_held < length)
        {
            _file = space.OpenFile();
            _frames = new (long, bool)[_held / _pageSize];
            Array.Fill(_frames, (-1, false));
        }
    }

    internal long Length { get; }

    internal ulong this[long index]
    {
        get => _memory.Words[_file is null ? (int)index : Find(index, isChange: false)];
        set => _memory.Words[_file is null ? (int)index : Find(index, isChange: true)] = value;
    }

    public void Dispose()
    {
        if (!_memory.IsClosed)
        {
            _memory.Dispose();
            _space.Return(_held);
            _file?.Dispose();
        }
    }

    private int Find(long index, bool isChange)
    {
        var page = index / _pageSize;
        var at = (int)(page & (_frames.Length - 1));
        ref var frame = ref _frames[at];
        if (frame.Page != page)
        {
            var bytes = MemoryMarshal.AsBytes(_memory.Words.Slice(at * _pageSize, _pageSize));
            if (frame.IsChanged)
            {
                _file!.Write(bytes, frame.Page * bytes.Length);
            }

            frame = (-1, false); // until it is read: that may fail
            _file!.Read(bytes, page * bytes.Length);
            frame = (page, false);
        }

        frame.IsChanged |= isChange;
        return (at * _pageSize) + (int)(index % _pageSize);
    }
}
