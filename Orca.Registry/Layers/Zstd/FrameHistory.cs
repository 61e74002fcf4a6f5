using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Registry.Layers.Scratch;

namespace Orca.Registry.Layers.Zstd;

/// <summary>What a frame has become so far, as far back as its window reaches: the latest of it in memory, the rest in a file, with a cache of pages before it.</summary>
/// <remarks>
/// The file is a ring a little larger than the window. It is read by calls and not mapped: to touch one page of a mapping brings in its neighbours,
/// and a full disk would be a signal.
/// </remarks>
internal sealed class FrameHistory : IDisposable
{
    /// <summary>Bytes that one block has, and becomes, at most; not more than the window, either.</summary>
    internal const int LongestBlock = 128 << 10;

    private const int InMemory = 1 << 20, PageSize = 4096, CachedPages = 256;

    private readonly ScratchFile? _file;
    private readonly long _window;
    private readonly long _ring;
    private readonly byte[] _recent;
    private readonly byte[] _pages;
    private readonly long[] _pageNumbers = new long[CachedPages]; // from 1
    private readonly int _kept;
    private long _before;
    private int _blockStart;
    private int _end;

    /// <param name="window">Bytes that matches look back.</param>
    /// <param name="file">An empty file, which this owns; null when all has to be in memory.</param>
    internal FrameHistory(long window, ScratchFile? file)
    {
        (_window, _file, Longest) = (window, file, (int)Math.Min(window, LongestBlock));
        _ring = ((window + LongestBlock) / PageSize + 2) * PageSize;
        _kept = file is null ? (int)window : InMemory / 2;
        _recent = ArrayPool<byte>.Shared.Rent(file is null ? _kept + InMemory : InMemory);
        _pages = ArrayPool<byte>.Shared.Rent(file is null ? 0 : CachedPages * PageSize);
    }

    /// <summary>Bytes of one block of this frame at most.</summary>
    internal int Longest { get; }

    /// <summary>Bytes so far.</summary>
    internal long Length => _before + _end;

    /// <summary>What the last block became.</summary>
    internal ReadOnlySpan<byte> Block => _recent.AsSpan(_blockStart, _end - _blockStart);

    /// <summary>Begins a block: the last one has its place now.</summary>
    internal void BeginBlock()
    {
        if (_end + LongestBlock > _recent.Length - Vector128<byte>.Count)
        {
            var gone = _end - _kept;
            _recent.AsSpan(gone, _kept).CopyTo(_recent);
            (_before, _end) = (_before + gone, _kept);
        }

        _blockStart = _end;
    }

    /// <summary>Ends a block.</summary>
    internal void EndBlock()
    {
        var position = (_before + _blockStart) % _ring;
        var rest = Block;
        while (_file is not null && !rest.IsEmpty)
        {
            var count = (int)Math.Min(rest.Length, _ring - position);
            _file.Write(rest[..count], position);
            rest = rest[count..];
            position = 0;
        }
    }

    /// <summary>Room for more bytes of the block, which have to be written.</summary>
    /// <exception cref="InvalidDataException">The block becomes too long.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<byte> Extend(int length)
    {
        var start = _end;
        if (length > Longest - (start - _blockStart))
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

    /// <summary>Reads what is no longer in memory; its pages are complete, for much more than a page came since.</summary>
    private void ReadFar(long position, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var (page, offset) = Math.DivRem(position, PageSize);
            var slot = (int)(page % CachedPages);
            var cached = _pages.AsSpan(slot * PageSize, PageSize);
            if (_pageNumbers[slot] != page + 1)
            {
                _file!.Read(cached, page * PageSize % _ring);
                _pageNumbers[slot] = page + 1;
            }

            var count = Math.Min(bytes.Length, PageSize - (int)offset);
            cached.Slice((int)offset, count).CopyTo(bytes);
            bytes = bytes[count..];
            position += count;
        }
    }
}
