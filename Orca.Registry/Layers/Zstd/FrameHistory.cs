using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Registry.Layers.Scratch;

namespace Orca.Registry.Layers.Zstd;

/// <summary>What a frame has become so far, as far back as its window reaches: the latest of it in memory, the rest in a file, with a cache of pages before it.</summary>
/// <remarks>
/// The file is a ring of the window's length. It is read by calls and not mapped: to touch one page of a mapping brings in its neighbours, and a full
/// disk would be a signal. What fits into memory needs no file. One frame after another can have its history here.
/// </remarks>
/// <param name="scratch">Opens an empty file, once.</param>
internal sealed class FrameHistory(Func<ScratchFile> scratch) : IDisposable
{
    /// <summary>The most bytes of any block, packed or not (Block_Maximum_Size); a smaller window lowers it: <see cref="MaxBlock"/>.</summary>
    internal const int LargestBlock = 128 << 10;

    private const int InMemory = 1 << 20, Kept = InMemory / 2, PageSize = 4096;

    /// <summary>A page has its place in one of these sets; a sequence can name three distances without a bit, so they must not drive each other out.</summary>
    private const int Sets = 64, Ways = 4;

    private readonly byte[] _recent = ArrayPool<byte>.Shared.Rent(InMemory);
    private readonly byte[] _pages = ArrayPool<byte>.Shared.Rent(Sets * Ways * PageSize);
    private readonly long[] _pageNumbers = new long[Sets * Ways]; // plus one: 0 is no page
    private readonly byte[] _turns = new byte[Sets]; // which page of a set goes next
    private ScratchFile? _file;
    private long _window;
    private long _ring;
    private long _before; // bytes of the frame that are no longer in _recent
    private long _written; // bytes of the frame that are in the file, or were
    private int _blockStart; // in _recent
    private int _end; // in _recent

    /// <summary>The most bytes of a block of this frame.</summary>
    internal int MaxBlock { get; private set; }

    /// <summary>Bytes so far.</summary>
    internal long Length => _before + _end;

    /// <summary>What the last block became.</summary>
    internal ReadOnlySpan<byte> Block => _recent.AsSpan(_blockStart, _end - _blockStart);

    /// <summary>Forgets everything for a new frame, whose matches look back so many bytes.</summary>
    internal void BeginFrame(long window)
    {
        (_window, MaxBlock) = (window, (int)Math.Min(window, LargestBlock));
        _ring = (window / PageSize + 2) * PageSize; // matches may begin and end within a page
        (_before, _written, _blockStart, _end) = (0, 0, 0, 0);
        Array.Clear(_pageNumbers);
    }

    /// <summary>Begins a block: the last one has its place now.</summary>
    internal void BeginBlock()
    {
        if (_end + LargestBlock > InMemory - Vector128<byte>.Count)
        {
            WriteOut();
            var gone = _end - Kept;
            _recent.AsSpan(gone, Kept).CopyTo(_recent);
            (_before, _end) = (_before + gone, Kept);
        }

        _blockStart = _end;
    }

    /// <summary>Room for more bytes of the block, which have to be written.</summary>
    /// <exception cref="InvalidDataException">The block becomes too long.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<byte> Extend(int length)
    {
        var start = _end;
        if (length > MaxBlock - (start - _blockStart))
        {
            throw new InvalidDataException("a block is too long");
        }

        _end += length;
        return _recent.AsSpan(start, length);
    }

    /// <summary>Adds bytes to the block.</summary>
    /// <exception cref="InvalidDataException">It becomes too long.</exception>
    internal void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Extend(bytes.Length));

    /// <summary>Repeats what came so many bytes ago.</summary>
    /// <exception cref="InvalidDataException">That is before the window, or the block becomes too long.</exception>
    internal void Repeat(long distance, int length)
    {
        if (distance < 1 || distance > _window || distance > Length)
        {
            throw new InvalidDataException("a match begins before the window");
        }

        var source = _end - distance;
        var target = Extend(length);
        if (source >= 0 && length <= Vector128<byte>.Count && distance >= Vector128<byte>.Count)
        {
            // Most matches are short, and what is copied too much is overwritten, or lies in the spare bytes at the end.
            Vector128.Create<byte>(_recent, (int)source).CopyTo(_recent, _end - length);
            return;
        }

        if (source < 0)
        {
            var far = (int)Math.Min(length, -source);
            ReadFar(_before + source, target[..far]);
            source = 0;
            target = target[far..];
        }

        // What overlaps itself repeats itself: each round doubles what there is to copy.
        for (var from = (int)source; !target.IsEmpty;)
        {
            var count = (int)Math.Min(target.Length, distance);
            _recent.AsSpan(from, count).CopyTo(target);
            target = target[count..];
            distance += count;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        ArrayPool<byte>.Shared.Return(_recent);
        ArrayPool<byte>.Shared.Return(_pages);
    }

    /// <summary>Brings to the file what is not there yet, so that whatever leaves the memory has whole pages there.</summary>
    private void WriteOut()
    {
        _file ??= scratch();
        var rest = _recent.AsSpan((int)(_written - _before), (int)(Length - _written));
        while (!rest.IsEmpty)
        {
            var count = (int)Math.Min(rest.Length, _ring - (_written % _ring));
            _file.Write(rest[..count], _written % _ring);
            rest = rest[count..];
            _written += count;
        }
    }

    private void ReadFar(long position, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var (page, offset) = Math.DivRem(position, PageSize);
            var count = Math.Min(bytes.Length, PageSize - (int)offset);
            Page(page).Slice((int)offset, count).CopyTo(bytes);
            bytes = bytes[count..];
            position += count;
        }
    }

    private ReadOnlySpan<byte> Page(long page)
    {
        var set = (int)(page % Sets);
        var way = _pageNumbers.AsSpan(set * Ways, Ways).IndexOf(page + 1);
        var isCached = way >= 0;
        way = isCached ? way : _turns[set]++ % Ways;
        var bytes = _pages.AsSpan(((set * Ways) + way) * PageSize, PageSize);
        if (!isCached)
        {
            _pageNumbers[(set * Ways) + way] = 0;
            _file!.Read(bytes, page * PageSize % _ring);
            _pageNumbers[(set * Ways) + way] = page + 1;
        }

        return bytes;
    }
}
