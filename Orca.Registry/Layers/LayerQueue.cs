using Orca.Core.Images;

namespace Orca.Registry.Layers;

/// <summary>Opens layers, the last first, and the next one ahead of time: it is inflated while this one is written.</summary>
/// <param name="layers">The layers, base first.</param>
/// <param name="isSure">True for a layer that will be asked for; others are opened only then.</param>
/// <param name="cancellationToken">Ends reads.</param>
internal sealed class LayerQueue(IReadOnlyList<ILayerSource> layers, Func<int, bool> isSure, CancellationToken cancellationToken) : IDisposable
{
    private Stream? _next;

    /// <summary>The stream of a layer, which the caller owns; asked for in descending order.</summary>
    internal Stream Take(int index)
    {
        var stream = _next ?? layers[index].Open(cancellationToken);
        _next = null;
        try
        {
            // The same layer twice in a row cannot be read twice at once.
            _next = index > 0 && isSure(index - 1) && layers[index - 1].DiffId != layers[index].DiffId ? layers[index - 1].Open(cancellationToken) : null;
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        return stream;
    }

    public void Dispose() => _next?.Dispose();
}
