using System.Net;
using Orca.Core.Linux;

namespace Orca.Registry.Remote;

/// <summary>Makes the one message handler of a client; the first thing that touches the network's types.</summary>
internal static class RegistryHandler
{
    /// <summary>Prepares TLS and name lookup, then makes the handler: no redirects, no cookies, no decompression behind the client's back.</summary>
    internal static SocketsHttpHandler Create()
    {
        CLibrary.UseFilesAndDns();
        TrustStore.Use();
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
            Proxy = new ProxyRules(HttpClient.DefaultProxy),
            ConnectCallback = Dialer.ConnectAsync,
            SslOptions = { RemoteCertificateValidationCallback = CertificateRules.Check },
        };
    }
}
