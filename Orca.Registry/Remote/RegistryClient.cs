using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;
using Orca.Registry.Remote.Hosts;

namespace Orca.Registry.Remote;

/// <summary>Images from registries that speak the OCI distribution protocol, and from the mirrors that the user has set for them.</summary>
/// <remarks>
/// Sources: OCI distribution-spec; distribution's token authentication specification. Making one costs nothing: handler, TLS, name lookup and the
/// user's files come to life with the first request.
/// </remarks>
internal sealed class RegistryClient : IImageSource, IDisposable
{
    private readonly TimeProvider _time;
    private readonly ILogger<RegistryClient> _logger;
    private readonly SessionCatalog _sessions;
    private readonly Lazy<RegistriesPolicy> _policy;
    private readonly bool? _verifies;
    private readonly DocumentLimits _limits;
    private readonly ConcurrentDictionary<ImageReference, int> _servedBy = new();
    private readonly ConcurrentDictionary<(ImageReference, Digest), int> _begunBy = new();

    internal RegistryClient(SessionCatalog sessions, Lazy<RegistriesPolicy> policy, bool? verifies, TimeProvider time, ILogger<RegistryClient> logger, ImageLimits? limits = null) =>
        (_sessions, _policy, _verifies, _time, _logger, _limits) = (sessions, policy, verifies, time, logger, DocumentLimits.Of(limits ?? ImageLimits.Default));

    /// <inheritdoc/>
    public async Task<ImageContent> ResolveAsync(ImageReference reference, Platform platform, CancellationToken cancellationToken)
    {
        var failure = Failure(reference);
        (var content, _servedBy[reference]) = await AskEachAsync(
            reference, 0, (session, place) => new ImageResolver(session, place, platform, failure, _time, _limits).ResolveAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        return content;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenBlobAsync(ImageReference reference, Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, blob.Size);
        var (stream, at) = await OpenAsync(reference, blob, offset, _servedBy.GetValueOrDefault(reference), cancellationToken).ConfigureAwait(false);
        _begunBy[(reference, blob.Digest)] = at;
        return new RelayStream(stream, async (position, cause, token) =>
        {
            var place = _policy.Value.Places(reference, Failure(reference))[at];
            if (!place.IsMirror)
            {
                return null;
            }

            PassOver(place, cause.Message);
            (var next, at) = await OpenAsync(reference, blob, position, at + 1, token).ConfigureAwait(false);
            return next;
        });
    }

    /// <inheritdoc/>
    /// <remarks>A mirror that sends wrong bytes of one blob is not asked for the others either. What a mirror began and another place ended speaks against the mirror.</remarks>
    public bool ReportCorruption(ImageReference reference, Descriptor blob)
    {
        if (!_begunBy.TryGetValue((reference, blob.Digest), out var at) || _policy.Value.Places(reference, Failure(reference))[at] is not { IsMirror: true } place)
        {
            return false;
        }

        PassOver(place, $"the bytes of {blob.Digest} are not the promised ones");
        _servedBy.AddOrUpdate(reference, at + 1, (_, known) => Math.Max(known, at + 1));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _sessions.Dispose();

    private static string Failure(ImageReference reference) => $"cannot pull '{reference.Familiar}'";

    /// <summary>Opens a blob, and remembers a place that failed for the layers that come after.</summary>
    private async Task<(BlobStream Stream, int Index)> OpenAsync(ImageReference reference, Descriptor blob, long offset, int first, CancellationToken cancellationToken)
    {
        var opened = await AskEachAsync(
            reference, first, (session, _) => BlobStream.OpenAsync(session, blob, offset, Failure(reference), _time, cancellationToken), cancellationToken).ConfigureAwait(false);
        _servedBy.AddOrUpdate(reference, opened.Index, (_, known) => Math.Max(known, opened.Index));
        return opened;
    }

    /// <summary>Asks one place after the other; what the last one says is what counts.</summary>
    /// <returns>The answer, and the index of the place that gave it.</returns>
    private async Task<(T Answer, int Index)> AskEachAsync<T>(ImageReference reference, int first, Func<RegistrySession, ImageReference, Task<T>> ask, CancellationToken cancellationToken)
    {
        var places = _policy.Value.Places(reference, Failure(reference));
        for (var index = first; ; index++)
        {
            var place = places[index];
            try
            {
                return (await ask(_sessions.Get(place.Reference, _verifies is null ? place.IsInsecure : _verifies == false), place.Reference).ConfigureAwait(false), index);
            }
            catch (Exception e) when (place.IsMirror && e is RegistryException or ContentException && !cancellationToken.IsCancellationRequested)
            {
                PassOver(place, e.Message);
            }
        }
    }

    private void PassOver(PullPlace place, string cause)
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.LogInformation("mirror '{Mirror}': {Cause}", place.Reference, cause);
        }
    }
}
