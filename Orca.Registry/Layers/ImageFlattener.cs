using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers.Reuse;
using Orca.Registry.Layers.Spill;
using Orca.Registry.Layers.TopDown;

namespace Orca.Registry.Layers;

/// <summary>Makes the tree of one image: from the top down where that can be right, else base first.</summary>
/// <remarks>
/// Reading every layer once and writing every path once is possible only from the top. What that pass cannot decide it refuses, and the layers
/// are read again by <see cref="Flattener"/>, which also has the last word on what is wrong with them.
/// </remarks>
internal sealed class ImageFlattener : IDisposable
{
    /// <summary>Stored images that are looked at for one layer: each look reads the layer's files.</summary>
    private const int MaxDonors = 4;

    private readonly LayerLimits _limits;
    private readonly Func<Fd> _makeRoot;
    private readonly ILayerSharing? _sharing;
    private Fd? _root;
    private Flattener? _baseFirst;
    private TopDownFlattener? _topDown;

    /// <summary>Starts with an empty tree.</summary>
    /// <param name="makeRoot">Makes and opens an empty directory, in place of the last one; the descriptor stays the caller's.</param>
    /// <param name="limits">What the image may ask for.</param>
    /// <param name="sharing">Images to take layers from; null when there are none.</param>
    internal ImageFlattener(Func<Fd> makeRoot, LayerLimits limits, ILayerSharing? sharing = null)
    {
        (_makeRoot, _limits, _sharing) = (makeRoot, limits, sharing);
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
            if (!TryApplyBaseFirst(layers, takes: _sharing is not null, cancellationToken))
            {
                _sharing!.MarkUnavailable(layers.Select(static layer => layer.DiffId));
                TryApplyBaseFirst(layers, takes: false, cancellationToken);
            }
        }
    }

    /// <summary>What has come of it; nothing may be applied afterwards.</summary>
    internal FlattenSummary Complete()
    {
        _baseFirst ??= _topDown is null ? new Flattener(_root!, _limits) : null;
        return _topDown?.Complete() ?? _baseFirst!.Complete();
    }

    /// <summary>The <see cref="ContentSum"/> of each file that is known, by <see cref="PathHash"/>.</summary>
    internal SpillTable? Sums => _topDown?.Sums;

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

    /// <summary>False when something is wrong after layers were taken from stored images: the archives alone have the last word.</summary>
    private bool TryApplyBaseFirst(IReadOnlyList<ILayerSource> layers, bool takes, CancellationToken cancellationToken)
    {
        Dispose();
        _topDown = null;
        _root = _makeRoot();
        _baseFirst = new Flattener(_root, _limits);
        using var records = _sharing?.MakeDirectory();
        var last = layers.Select(static (layer, index) => (layer.DiffId, Number: index + 1)).GroupBy(static layer => layer.DiffId).ToDictionary(static same => same.Key, static same => same.Max(static layer => layer.Number));
        foreach (var layer in layers.Where(layer => !takes || !_sharing!.Has(layer.DiffId)))
        {
            layer.Announce();
        }

        var hasTaken = false;
        try
        {
            for (var number = 1; number <= layers.Count; number++)
            {
                var diffId = layers[number - 1].DiffId;
                using var donor = takes && _sharing!.Has(diffId) ? FindDonor(diffId, donor => _baseFirst.CanTake(donor, number, cancellationToken)) : null;
                using var recorder = records is not null && last[diffId] == number ? new LayerRecorder(records, diffId, donor) : null;
                hasTaken |= donor is not null;
                if (donor is not null)
                {
                    _baseFirst.Take(donor, recorder, cancellationToken);
                }
                else
                {
                    using var stream = layers[number - 1].Open(cancellationToken);
                    _baseFirst.Apply(stream, recorder, cancellationToken);
                }
            }
        }
        catch (Exception e) when (hasTaken && e is NotTopDownException or LayerException)
        {
            return false;
        }

        if (records is not null)
        {
            _baseFirst.Finish(records);
        }

        return true;
    }

    /// <summary>The first copy of a layer that can be taken. When there is none, it is fetched.</summary>
    private ReusableLayer? FindDonor(Digest diffId, Func<ReusableLayer, bool> canTake)
    {
        foreach (var donor in _sharing!.Find(diffId).Take(MaxDonors))
        {
            var isGood = false;
            try
            {
                isGood = canTake(donor);
                if (isGood)
                {
                    return donor;
                }
            }
            finally
            {
                if (!isGood)
                {
                    donor.Dispose();
                }
            }
        }

        _sharing!.MarkUnavailable([diffId]);
        return null;
    }

    private void ApplyTopDown(IReadOnlyList<ILayerSource> layers, CancellationToken cancellationToken)
    {
        _topDown = new TopDownFlattener(_root!, _limits);
        using var records = _sharing?.MakeDirectory();
        var recorded = new HashSet<Digest>();
        var isStored = layers.Select(layer => _sharing?.Has(layer.DiffId) == true).ToArray();
        using var queue = new LayerQueue(layers, index => !isStored[index], cancellationToken);
        for (var number = layers.Count; number > 0; number--)
        {
            var diffId = layers[number - 1].DiffId;
            using var donor = isStored[number - 1] ? FindDonor(diffId, donor => _topDown.CanTake(donor, number, cancellationToken)) : null;
            using var recorder = records is not null && recorded.Add(diffId) ? new LayerRecorder(records, diffId, donor) : null;
            if (donor is not null)
            {
                _topDown.Take(donor, number, recorder, cancellationToken);
                if (recorder is not null)
                {
                    donor.TryShareStates(records!); // base first they are known only when all donors are let go
                }
            }
            else
            {
                using var stream = queue.Take(number - 1);
                _topDown.Apply(stream, number, recorder, cancellationToken);
            }
        }

        _topDown.Finish();
    }
}
