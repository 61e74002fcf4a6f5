using System.Net;
using Orca.Core.Linux;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Makes message handlers; the first thing that touches the network's types.</summary>
internal static class RegistryHandler
{
    /// <summary>Prepares TLS and name lookup, then makes a handler: no redirects, no cookies, no decompression behind the client's back.</summary>
    /// <param name="proxy">The proxy; null for that of the environment.</param>
    /// <param name="certificates">What the user says of the host's certificates; null for nothing.</param>
    /// <param name="isInsecure">True to take any certificate.</param>
    internal static SocketsHttpHandler Create(IWebProxy? proxy = null, CertificateDirectory? certificates = null, bool isInsecure = false)
    {
        CLibrary.UseFilesAndDns();
        TrustStore.Use();
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
            Proxy = proxy ?? ProxyRules.Read(Environment.GetEnvironmentVariable),
            ConnectCallback = Dialer.ConnectAsync,
            SslOptions = { RemoteCertificateValidationCallback = new CertificateRules(certificates?.Authorities, isInsecure).Check },
        };
        if (certificates?.Client is { } client)
        {
            handler.SslOptions.ClientCertificates = [client];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => client;
        }

        return handler;
    }
}
