using System.Net;
using Orca.Core.Errors;

namespace Orca.Registry.Remote.Hosts;

/// <summary>The proxy of the environment, but never for this machine.</summary>
/// <remarks>
/// As in Go and curl: <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, else <c>ALL_PROXY</c>, in capitals or not; <c>http://</c>, <c>https://</c>, <c>socks5://</c>. <c>NO_PROXY</c> lists
/// domains (with what lies below; with a dot in front only that), addresses and networks, each perhaps with a port, or <c>*</c>. To a proxy, <c>localhost</c>
/// would be the proxy's own machine, and plain http would go there over the network.
/// </remarks>
internal sealed class ProxyRules(Uri? https, Uri? http, NoProxy exceptions) : IWebProxy
{
    private static readonly string[] Schemes = ["http", "https", "socks4", "socks4a", "socks5"];

    /// <summary>The proxy's own login, as it stands in its address; never shown.</summary>
    public ICredentials? Credentials { get; set; } = new AddressCredentials(https, http);

    /// <summary>Reads the environment.</summary>
    /// <exception cref="RegistryException">A variable holds no address of a proxy; the message holds no part of it.</exception>
    internal static ProxyRules Read(Func<string, string?> environment)
    {
        Uri? Proxy(string name) => Parse(environment, name) ?? Parse(environment, "ALL_PROXY");
        return new ProxyRules(Proxy("HTTPS_PROXY"), Proxy("HTTP_PROXY"), new NoProxy(Value(environment, "NO_PROXY").Text ?? string.Empty));
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : Bare(destination.Scheme == Uri.UriSchemeHttps ? https : http);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => AddressRules.IsLoopback(host.IdnHost) || exceptions.Contains(host);

    private static Uri? Bare(Uri? proxy) => proxy is null ? null : new UriBuilder(proxy.Scheme, proxy.Host, proxy.Port).Uri;

    private static (string Name, string? Text) Value(Func<string, string?> environment, string name) =>
        environment(name) is { Length: > 0 } text ? (name, text.Trim()) : (name.ToLowerInvariant(), environment(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower.Trim() : null);

    private static Uri? Parse(Func<string, string?> environment, string variable)
    {
        var (name, text) = Value(environment, variable);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        // "socks5h" is curl's word for letting the proxy look the name up, which it always does here.
        var full = text.StartsWith("socks5h://", StringComparison.OrdinalIgnoreCase) ? "socks5://" + text[10..]
            : text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(full, UriKind.Absolute, out var proxy) && Array.Exists(Schemes, scheme => scheme == proxy.Scheme) && proxy.Host.Length > 0
            ? proxy.Port > 0 ? proxy : new UriBuilder(proxy) { Port = 1080 }.Uri
            : throw new RegistryException($"cannot use the proxy in {name}: it is no address that begins with http://, https:// or socks5://", "for example http://proxy.example:3128");
    }

    private sealed class AddressCredentials(params Uri?[] proxies) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            var proxy = Array.Find(proxies, proxy => proxy is { UserInfo.Length: > 0 } && proxy.Host == uri.Host && proxy.Port == uri.Port);
            if (proxy is null)
            {
                return null;
            }

            var parts = proxy.UserInfo.Split(':', 2);
            return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : string.Empty);
        }
    }
}
