using Orca.Registry.Layers;

namespace Orca.Registry.Pulling;

/// <summary>Tells when a layer is being read, so that a failure has a name, and when it was read to its end.</summary>
/// <remarks>Disposing cancels <paramref name="end"/> first: the thread below may wait for bytes that nobody wants any more (CVE-2021-20291).</remarks>
internal sealed class WatchedStream(Stream inner, CancellationTokenSource end, Action reading, Action atEnd) : ForwardStream
{
    private bool _isDisposed;

    public override int Read(Span<byte> buffer)
    {
        reading();
        var count = inner.Read(buffer);
        if (count == 0 && !buffer.IsEmpty)
        {
            atEnd();
        }

        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            end.Cancel();
            inner.Dispose();
            end.Dispose();
        }

        base.Dispose(disposing);
    }
}
