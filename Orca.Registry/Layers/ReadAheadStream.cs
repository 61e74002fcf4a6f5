using System.Buffers;
using System.Runtime.ExceptionServices;

namespace Orca.Registry.Layers;

/// <summary>Reads another stream on a thread of its own, a few buffers ahead, so that inflating and writing overlap.</summary>
/// <remarks>
/// A ring of four buffers bounds the memory and the lead. An exception of the inner stream is thrown by the read that would have met it.
/// Disposing stops the thread, which disposes the inner stream as its last act: nothing is freed under a decoder's feet. A read that is
/// under way is broken after a second by disposing the source below it, so a reader that fails never waits for bytes that nobody
/// wants (CVE-2021-20291).
/// </remarks>
internal sealed class ReadAheadStream : ForwardStream
{
    private const int BufferSize = 256 * 1024;
    private const int BufferCount = 4;

    private readonly Stream _inner;
    private readonly Stream _source;
    private readonly CancellationToken _cancellation;
    private readonly Thread _thread;
    private readonly (byte[] Bytes, int Length)[] _ring = new (byte[], int)[BufferCount];
    private readonly SemaphoreSlim _free = new(BufferCount);
    private readonly SemaphoreSlim _full = new(0);
    private ExceptionDispatchInfo? _fault;
    private volatile bool _isStopped;
    private int _readIndex;
    private int _position;
    private bool _isHolding;
    private bool _isAtEnd;
    private bool _isDisposed;

    /// <summary>Starts to read <paramref name="inner"/>, which the result owns.</summary>
    /// <param name="inner">What to read.</param>
    /// <param name="source">The stream below it that may wait long, and whose reads end when it is disposed on another thread.</param>
    /// <param name="cancellationToken">Ends the waits of reads.</param>
    internal ReadAheadStream(Stream inner, Stream source, CancellationToken cancellationToken)
    {
        _inner = inner;
        _source = source;
        _cancellation = cancellationToken;
        _thread = new Thread(Produce, 256 * 1024) { IsBackground = true, Name = "orca read-ahead" };
        _thread.Start();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_isAtEnd || buffer.IsEmpty)
        {
            _fault?.Throw();
            return 0;
        }

        if (!_isHolding)
        {
            _full.Wait(_cancellation);
            _isHolding = true;
            _position = 0;
            if (_ring[_readIndex].Length == 0)
            {
                _isAtEnd = true;
                _fault?.Throw();
                return 0;
            }
        }

        var (bytes, length) = _ring[_readIndex];
        var count = Math.Min(buffer.Length, length - _position);
        bytes.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        if (_position == length)
        {
            _isHolding = false;
            _readIndex = (_readIndex + 1) % BufferCount;
            _free.Release();
        }

        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _isStopped = true;
            _free.Release();
            var ended = _thread.Join(TimeSpan.FromSeconds(1));
            if (!ended)
            {
                _source.Dispose();
                ended = _thread.Join(TimeSpan.FromSeconds(2));
            }

            if (ended)
            {
                ReturnBuffers();
            }
        }

        base.Dispose(disposing);
    }

    private void Produce()
    {
        try
        {
            FillRing();
        }
        catch (Exception e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
            _full.Release(); // the slot's length is 0: the reader takes it for the end and finds the fault
        }
        finally
        {
            _inner.Dispose();
        }
    }

    private void FillRing()
    {
        for (var index = 0; !_isStopped; index = (index + 1) % BufferCount)
        {
            _free.Wait();
            if (_isStopped)
            {
                return;
            }

            ref var slot = ref _ring[index];
            slot.Bytes ??= ArrayPool<byte>.Shared.Rent(BufferSize);
            slot.Length = 0;
            slot.Length = FillBuffer(slot.Bytes);
            _full.Release();
            if (slot.Length == 0)
            {
                return;
            }
        }
    }

    /// <summary>Fills the buffer as far as the stream gives, so that few hand-overs carry many bytes.</summary>
    private int FillBuffer(byte[] bytes)
    {
        var length = 0;
        while (length < BufferSize && !_isStopped)
        {
            var count = _inner.Read(bytes, length, BufferSize - length);
            if (count == 0)
            {
                break;
            }

            length += count;
        }

        return length;
    }

    private void ReturnBuffers()
    {
        foreach (var (bytes, _) in _ring)
        {
            if (bytes is not null)
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }

        _free.Dispose();
        _full.Dispose();
    }
}
