using System.Collections.Concurrent;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Sends each request with the handler for its host: what the user says of one host's certificates is for that host alone.</summary>
/// <param name="insecure">Whose certificates are not checked.</param>
/// <param name="certificates">Finds what <c>certs.d</c> says of a host.</param>
/// <param name="create">Makes a handler.</param>
internal sealed class HostHandlers(InsecureHosts insecure, Func<Uri, CertificateDirectory?> certificates, Func<CertificateDirectory?, bool, HttpMessageHandler> create) : HttpMessageHandler
{
    private readonly ConcurrentDictionary<(string Host, int Port, bool IsInsecure), Lazy<HttpMessageInvoker>> _special = new();
    private readonly Lazy<HttpMessageInvoker> _common = new(() => new HttpMessageInvoker(create(null, false)));

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        var isInsecure = insecure.Contains(uri);
        var chosen = uri.Scheme == Uri.UriSchemeHttp ? _common
            : _special.GetOrAdd((uri.IdnHost.ToLowerInvariant(), uri.Port, isInsecure), key => isInsecure || certificates(uri) is not null ? Special(uri, key.IsInsecure) : _common);
        return chosen.Value.SendAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var handler in _special.Values.Append(_common).Where(static handler => handler.IsValueCreated).Distinct())
        {
            handler.Value.Dispose();
        }

        base.Dispose(disposing);
    }

    private Lazy<HttpMessageInvoker> Special(Uri uri, bool isInsecure) => new(() => new HttpMessageInvoker(create(certificates(uri), isInsecure)));
}
