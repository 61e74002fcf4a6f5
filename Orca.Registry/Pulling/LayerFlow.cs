using System.Runtime.ExceptionServices;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Layers;

namespace Orca.Registry.Pulling;

/// <summary>One attempt to bring all layers of an image into its tree. The first error ends everything else at once.</summary>
internal sealed class LayerFlow : IDisposable
{
    private const int MaxParallel = 3;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly IImageSource _source;
    private readonly IPartStore _parts;
    private readonly ImageReference _reference;
    private readonly ImageContent _content;
    private readonly PullReport _report;
    private readonly CancellationToken _caller;
    private readonly int _ratio;
    private readonly CancellationTokenSource _end;
    private readonly Dictionary<Digest, LayerFetch> _fetches = [];
    private readonly HashSet<LayerFetch> _deferred = [];
    private readonly HashSet<LayerFetch> _verified = [];
    private readonly List<Task> _late = [];
    private readonly SemaphoreSlim _slots = new(MaxParallel);
    private readonly Task _fetching;
    private ExceptionDispatchInfo? _firstFailure;
    private LayerFetch? _current;

    internal LayerFlow(
        IImageSource source, IPartStore parts, ImageReference reference, ImageContent content, PullReport report, int ratio, Func<Digest, bool> isStored,
        CancellationToken cancellationToken)
    {
        (_source, _reference, _ratio) = (source, reference, ratio);
        (_parts, _content, _report, _caller) = (parts, content, report, cancellationToken);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var order = new List<LayerFetch>();
        for (var index = content.Manifest.Layers.Count - 1; index >= 0; index--) // the uppermost is needed first
        {
            var layer = content.Manifest.Layers[index];
            if (!_fetches.ContainsKey(layer.Digest)) // the same layer twice in an image is legal, and fetched once
            {
                var fetch = _fetches[layer.Digest] = new LayerFetch(source, parts, reference, layer, index, report);
                if (isStored(content.Config.DiffIds[index]))
                {
                    _deferred.Add(fetch); // until somebody asks for it all the same
                    report.Present(index);
                }
                else
                {
                    order.Add(fetch);
                }
            }
        }

        _fetching = Task.Run(() => FetchAllAsync(order, _end.Token), CancellationToken.None);
    }

    /// <summary>Applies all layers.</summary>
    /// <returns>False when bytes were wrong that a second attempt may get right; what was wrong is forgotten.</returns>
    internal bool TryApply(IImageBuilder builder, bool isLastAttempt)
    {
        try
        {
            Apply(builder);
            return true;
        }
        catch (Exception e) when (FindFailedLayer(e) is not null && _firstFailure is null && !_caller.IsCancellationRequested)
        {
            Stop();
            var culprit = FindFailedLayer(e)!;
            var isSpoilt = culprit.IsSpoilt(_caller);
            Forget(culprit.Layer);
            if (isSpoilt && _source.ReportCorruption(_reference, culprit.Layer))
            {
                ForgetUnverified();
            }

            if (isSpoilt && !isLastAttempt)
            {
                return false;
            }

            throw;
        }
    }

    /// <summary>The layer whose bytes an error is about. What is wrong with an entry may come out when the next layer is read, or of a layer that is not fetched at all.</summary>
    private LayerFetch? FindFailedLayer(Exception error) => error switch
    {
        ContentException => _current,
        LayerException { Layer: > 0 and var number } when _fetches[_content.Manifest.Layers[number - 1].Digest] is var fetch && !_deferred.Contains(fetch) => fetch,
        _ => null,
    };

    private void Apply(IImageBuilder builder)
    {
        var layers = new ILayerSource[_content.Manifest.Layers.Count];
        for (var index = 0; index < layers.Length; index++)
        {
            layers[index] = new FetchedLayer(this, index);
        }

        try
        {
            builder.Apply(layers, _end.Token);
        }
        catch
        {
            // What the caller asked for comes first, then what failed first; what only failed because of that is not worth a word.
            var first = Volatile.Read(ref _firstFailure);
            _end.Cancel();
            _caller.ThrowIfCancellationRequested();
            first?.Throw();
            throw;
        }
    }

    public void Dispose()
    {
        Stop();
        foreach (var fetch in _fetches.Values)
        {
            fetch.Dispose();
        }

        _end.Dispose();
        _slots.Dispose();
    }

    private async Task FetchAllAsync(List<LayerFetch> order, CancellationToken cancellationToken)
    {
        var running = new List<Task>();
        try
        {
            foreach (var fetch in order)
            {
                await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested(); // the place may be one that the end of all has freed
                running.Add(Task.Run(() => FetchOneAsync(fetch, _slots, cancellationToken), CancellationToken.None));
            }
        }
        catch (OperationCanceledException)
        {
            // The first failure is kept; the reader learns of it from its token.
        }

        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private async Task FetchOneAsync(LayerFetch fetch, SemaphoreSlim? slots, CancellationToken cancellationToken)
    {
        try
        {
            await fetch.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                Interlocked.CompareExchange(ref _firstFailure, ExceptionDispatchInfo.Capture(e), null);
                await _end.CancelAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            slots?.Release();
        }
    }

    /// <summary>A layer is over, and both its digests are right: wrong bytes after this are another's.</summary>
    private void AtEnd(int index)
    {
        _verified.Add(_fetches[_content.Manifest.Layers[index].Digest]);
        _current = null;
        _report.Done(index);
    }

    private void Stop()
    {
        _end.Cancel();
        Task.WaitAll([_fetching, .. _late], s_patience); // a source that does not hear is left to itself
    }

    private void Forget(Descriptor layer)
    {
        using var part = _parts.Open(layer, _caller);
        part.Delete();
    }

    /// <summary>Who lied about one layer lies about others: what was not read to its end yet is looked through, and what is not whole is not gone on with.</summary>
    private void ForgetUnverified()
    {
        foreach (var fetch in _fetches.Values.Where(fetch => !_verified.Contains(fetch) && !_deferred.Contains(fetch)))
        {
            if (!fetch.IsComplete || fetch.IsSpoilt(_caller))
            {
                ForgetUnlessHeld(fetch.Layer);
            }
        }
    }

    /// <summary>What another pull is fetching is that pull's.</summary>
    private void ForgetUnlessHeld(Descriptor layer)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_caller);
        patience.CancelAfter(TimeSpan.FromMilliseconds(20));
        try
        {
            using var part = _parts.Open(layer, patience.Token);
            part.Delete();
        }
        catch (OperationCanceledException) when (!_caller.IsCancellationRequested)
        {
        }
    }

    /// <summary>A layer that is read while it still comes.</summary>
    private sealed class FetchedLayer(LayerFlow flow, int index) : ILayerSource
    {
        public Digest DiffId => flow._content.Config.DiffIds[index];

        private LayerFetch Fetch => flow._fetches[flow._content.Manifest.Layers[index].Digest];

        public void Announce()
        {
            if (flow._deferred.Remove(Fetch))
            {
                flow._late.Add(flow.FetchAllAsync([Fetch], flow._end.Token));
            }
        }

        public Stream Open(CancellationToken cancellationToken)
        {
            var fetch = Fetch;
            if (flow._deferred.Remove(fetch)) // it is waited for, so it waits for no others
            {
                flow._late.Add(Task.Run(() => flow.FetchOneAsync(fetch, slots: null, flow._end.Token), CancellationToken.None));
            }

            var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            try
            {
                var stream = LayerStream.Open(fetch.OpenStream(bytes => flow._report.Unpacked(index, bytes), end.Token), fetch.Layer, DiffId, index + 1, flow._ratio, end.Token);
                return new WatchedStream(stream, end, () => flow._current = fetch, () => flow.AtEnd(index));
            }
            catch
            {
                end.Dispose();
                throw;
            }
        }
    }
}
