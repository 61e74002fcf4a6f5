using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Orca.Registry.Remote;

/// <summary>Decides on a server's certificate as the platform does, and says why when it refuses.</summary>
internal static class CertificateRules
{
    /// <summary>The signature does not match when the authority has the name of a trusted one, but another key.</summary>
    private const X509ChainStatusFlags Unknown = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;

    /// <summary>The callback of <see cref="SslClientAuthenticationOptions"/>: true, or a <see cref="TransferException"/> with the reason.</summary>
    internal static bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var flags = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? X509ChainStatusFlags.NoError;
        var early = (certificate as X509Certificate2)?.NotBefore > DateTime.Now;
        throw (errors, flags) switch
        {
            ( >= SslPolicyErrors.RemoteCertificateNotAvailable, _) when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) => Refuse("the server showed no certificate"),
            _ when flags.HasFlag(X509ChainStatusFlags.NotTimeValid) && early => Refuse("the server's certificate is not valid yet", $"check this machine's clock: it says {DateTime.Now:yyyy-MM-dd}"),
            _ when flags.HasFlag(X509ChainStatusFlags.NotTimeValid) => Refuse("the server's certificate has expired", $"if this machine's clock ({DateTime.Now:yyyy-MM-dd}) is right, the registry must renew it"),
            _ when (flags & Unknown) != 0 => Refuse("the server's certificate is signed by an unknown authority", TrustStore.Hint),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => Refuse("the server's certificate is for another host name"),
            _ => Refuse($"the server's certificate is not acceptable ({flags})"),
        };
    }

    private static TransferException Refuse(string cause, string? hint = null) => new(TransferFault.Final, "TLS: " + cause, hint);
}
