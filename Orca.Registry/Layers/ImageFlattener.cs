using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Registry.Layers.TopDown;

namespace Orca.Registry.Layers;

/// <summary>Makes the tree of one image: from the top down where that can be right, else base first.</summary>
/// <remarks>
/// Reading every layer once and writing every path once is possible only from the top. What that pass cannot decide it refuses, and the layers
/// are read again by <see cref="Flattener"/>, which also has the last word on what is wrong with them.
/// </remarks>
internal sealed class ImageFlattener : IDisposable
{
    private readonly LayerLimits _limits;
    private readonly Func<Fd> _makeRoot;
    private Fd? _root;
    private Flattener? _baseFirst;
    private TopDownFlattener? _topDown;

    /// <summary>Starts with an empty tree.</summary>
    /// <param name="makeRoot">Makes and opens an empty directory, in place of the last one; the descriptor stays the caller's.</param>
    /// <param name="limits">What the image may ask for.</param>
    internal ImageFlattener(Func<Fd> makeRoot, LayerLimits limits)
    {
        (_makeRoot, _limits) = (makeRoot, limits);
        _root = makeRoot();
    }

    /// <summary>Applies the next layer, base first.</summary>
    internal void Apply(Stream uncompressed, CancellationToken cancellationToken) =>
        (_baseFirst ??= new Flattener(_root!, _limits)).Apply(uncompressed, cancellationToken);

    /// <summary>Applies all layers, given base first.</summary>
    internal void Apply(IReadOnlyList<ILayerSource> layers, CancellationToken cancellationToken)
    {
        try
        {
            ApplyTopDown(layers, cancellationToken);
        }
        catch (NotTopDownException)
        {
            Dispose();
            _topDown = null;
            _root = _makeRoot();
            foreach (var layer in layers)
            {
                using var stream = layer.Open(cancellationToken);
                Apply(stream, cancellationToken);
            }
        }
    }

    /// <summary>What has come of it; nothing may be applied afterwards.</summary>
    internal FlattenSummary Complete()
    {
        _baseFirst ??= _topDown is null ? new Flattener(_root!, _limits) : null;
        return _topDown?.Complete() ?? _baseFirst!.Complete();
    }

    /// <summary>Sums of files, as far as they are known.</summary>
    internal ContentSums? Sums => _topDown?.Sums;

    /// <summary>See <see cref="Flattener.WriteOwners"/>.</summary>
    internal void WriteOwners(Stream stream)
    {
        _topDown?.WriteOwners(stream);
        _baseFirst?.WriteOwners(stream);
    }

    public void Dispose()
    {
        _topDown?.Dispose();
        _baseFirst?.Dispose();
    }

    private void ApplyTopDown(IReadOnlyList<ILayerSource> layers, CancellationToken cancellationToken)
    {
        _topDown = new TopDownFlattener(_root!, _limits);
        using var queue = new LayerQueue(layers, cancellationToken);
        for (var number = layers.Count; number > 0; number--)
        {
            using var stream = queue.Take(number - 1);
            _topDown.Apply(stream, number, cancellationToken);
        }

        _topDown.Finish();
    }
}
