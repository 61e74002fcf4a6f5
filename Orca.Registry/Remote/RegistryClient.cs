using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Remote;

/// <summary>Images from registries that speak the OCI distribution protocol.</summary>
/// <remarks>
/// Sources: OCI distribution-spec; distribution's token authentication specification. Making one costs nothing: handler, TLS and name lookup
/// come to life with the first request.
/// </remarks>
internal sealed class RegistryClient : IImageSource, IDisposable
{
    private readonly ICredentialSource _credentials;
    private readonly TimeProvider _time;
    private readonly ILogger<RegistryClient> _logger;
    private readonly Lazy<HttpMessageInvoker> _invoker;
    private readonly ConcurrentDictionary<string, (RegistryEndpoint Endpoint, RegistryOrigin Origin)> _registries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Registry, string Repository), RegistrySession> _sessions = new();

    /// <summary>Makes a client that logs in by what <paramref name="credentials"/> knows.</summary>
    public RegistryClient(ICredentialSource credentials, TimeProvider time, ILogger<RegistryClient> logger)
        : this(credentials, time, logger, RegistryHandler.Create)
    {
    }

    internal RegistryClient(ICredentialSource credentials, TimeProvider time, ILogger<RegistryClient> logger, Func<HttpMessageHandler> handler)
    {
        (_credentials, _time, _logger) = (credentials, time, logger);
        _invoker = new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(handler()));
    }

    /// <inheritdoc/>
    public Task<ImageContent> ResolveAsync(ImageReference reference, Platform platform, CancellationToken cancellationToken) =>
        new ImageResolver(Session(reference), reference, platform, Failure(reference), _time).ResolveAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<Stream> OpenBlobAsync(ImageReference reference, Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, blob.Size);
        return await BlobStream.OpenAsync(Session(reference), blob, offset, Failure(reference), _time, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }

        if (_invoker.IsValueCreated)
        {
            _invoker.Value.Dispose();
        }
    }

    private static string Failure(ImageReference reference) => $"cannot pull '{reference.Familiar}'";

    private RegistrySession Session(ImageReference reference)
    {
        var (endpoint, origin) = _registries.GetOrAdd(reference.Registry, name =>
        {
            var endpoint = new RegistryEndpoint(name);
            return (endpoint, new RegistryOrigin(endpoint, _invoker.Value));
        });
        return _sessions.GetOrAdd((reference.Registry, reference.Repository), key =>
            new RegistrySession(endpoint, origin, key.Repository, _credentials, new HttpSender(_invoker.Value, _time, _logger), _time, _logger));
    }
}
