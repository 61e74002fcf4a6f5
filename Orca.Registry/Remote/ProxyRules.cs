using System.Net;

namespace Orca.Registry.Remote;

/// <summary>The proxy of the environment (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>, ...), but never for this machine.</summary>
/// <remarks>As in Go: to a proxy, <c>localhost</c> would be the proxy's own machine, and plain http would go there over the network.</remarks>
internal sealed class ProxyRules(IWebProxy environment) : IWebProxy
{
    /// <inheritdoc/>
    public ICredentials? Credentials { get => environment.Credentials; set => environment.Credentials = value; }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => AddressRules.IsLoopback(destination.IdnHost) ? null : environment.GetProxy(destination);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => AddressRules.IsLoopback(host.IdnHost) || environment.IsBypassed(host);
}
