using Orca.Registry.Layers;

namespace Orca.Registry.Pulling;

/// <summary>A part's bytes from the first one, waiting at its end for those that are still on the way. Does not own the part.</summary>
/// <param name="part">The part.</param>
/// <param name="state">How far it is fetched.</param>
/// <param name="passed">Told how many bytes have been read.</param>
/// <param name="cancellationToken">Ends the waiting.</param>
internal sealed class FetchedStream(Stream part, FetchState state, Action<long> passed, CancellationToken cancellationToken) : ForwardStream
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
                passed(_position);
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
