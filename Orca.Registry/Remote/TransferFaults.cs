using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Orca.Registry.Remote;

/// <summary>Says in words of orca's own why a request failed below HTTP; the runtime's words are stripped from the binary.</summary>
internal static class TransferFaults
{
    /// <summary>Explains what the message handler or a body's stream threw; null when it is a bug, not a failure.</summary>
    internal static TransferException? Explain(Exception error)
    {
        if (error is TransferException known)
        {
            return known;
        }

        if (error is not (HttpRequestException or IOException or OperationCanceledException))
        {
            return null;
        }

        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case TransferException exact:
                    return exact;
                case SocketException socket:
                    return OfSocket(socket, error);
                // With TLS 1.3 the handshake is over for the client before the server looks at what it got (RFC 8446, 4.4.2.4), so this comes instead of an answer. The words are OpenSSL's.
                case { Message: var words } when words.Contains("alert", StringComparison.Ordinal) && words.Contains("certificate", StringComparison.Ordinal):
                    return new TransferException(TransferFault.Final, "the server takes no client without a certificate that it knows", "put NAME.cert and NAME.key into a certs.d directory of that host (docs/registry.md)", error);
                case AuthenticationException:
                    return NotTls(error);
            }
        }

        return error switch
        {
            OperationCanceledException => new TransferException(TransferFault.Unreachable, "no answer in time", inner: error),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => NotTls(error),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => NoSuchHost(error),
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new TransferException(TransferFault.Final, "the answer's headers are too large", inner: error),
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => new TransferException(TransferFault.Final, "the answer is not HTTP", inner: error),
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: HttpStatusCode.ProxyAuthenticationRequired } =>
                new TransferException(TransferFault.Final, "the proxy refused (407)", RegistryErrors.ProxyLogin, error),
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } e => new TransferException(TransferFault.Final, $"the proxy refused{(e.StatusCode is { } code ? $" ({(int)code})" : string.Empty)}", "check HTTPS_PROXY and NO_PROXY", error),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => new TransferException(TransferFault.Unreachable, "no connection", inner: error),
            _ => new TransferException(TransferFault.Broken, "the connection broke", inner: error),
        };
    }

    private static TransferException OfSocket(SocketException socket, Exception error) => socket.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData => NoSuchHost(error),
        SocketError.TryAgain or SocketError.NoRecovery => new TransferException(TransferFault.Unreachable, "the name server does not answer", "check the network and /etc/resolv.conf", error),
        SocketError.ConnectionRefused => new TransferException(TransferFault.Unreachable, "connection refused", "is the server running there, and the port right?", error),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown =>
            new TransferException(TransferFault.Unreachable, "the network does not lead there", "check the network, and HTTPS_PROXY if there must be one", error),
        SocketError.TimedOut => new TransferException(TransferFault.Unreachable, "no answer in time", "check the network, and HTTPS_PROXY if there must be one", error),
        _ => new TransferException(TransferFault.Broken, "the connection broke", inner: error),
    };

    private static TransferException NotTls(Exception error) => new(
        TransferFault.NotTls, "the TLS handshake failed", "the server may speak plain http, which orca speaks only on this machine and to registries that are marked insecure (--tls-verify=false), or a TLS older than 1.2, or want a certificate of yours (certs.d)", error);

    private static TransferException NoSuchHost(Exception error) =>
        new(TransferFault.Unreachable, "no such host", "check the name and the network", error);
}
