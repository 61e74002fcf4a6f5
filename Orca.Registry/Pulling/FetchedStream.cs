using Orca.Registry.Layers;

namespace Orca.Registry.Pulling;

/// <summary>A part's bytes from the first one, waiting at its end for those that are still on the way. Does not own the part.</summary>
internal sealed class FetchedStream(Stream part, FetchState state, CancellationToken cancellationToken) : ForwardStream
{
    private long _position;
    private volatile bool _isDisposed;

    public override int Read(Span<byte> buffer)
    {
        while (!_isDisposed && !buffer.IsEmpty && state.WaitBeyond(_position, cancellationToken))
        {
            var count = part.Read(buffer);
            if (count > 0)
            {
                _position += count;
                return count;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }
}
