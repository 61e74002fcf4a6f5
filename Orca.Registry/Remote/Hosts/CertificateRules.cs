using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Orca.Core.Host;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Decides on a server's certificate as the platform does, and says why when it refuses.</summary>
/// <param name="authorities">Trusted besides those of the host.</param>
/// <param name="isInsecure">True when the user gave up the check: anything is taken.</param>
internal sealed class CertificateRules(X509Certificate2Collection? authorities = null, bool isInsecure = false)
{
    /// <summary>The signature does not match when the authority has the name of a trusted one, but another key.</summary>
    private const X509ChainStatusFlags Unknown = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid;

    /// <summary>The callback of <see cref="SslClientAuthenticationOptions"/>: true, or a <see cref="TransferException"/> with the reason.</summary>
    internal bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var flags = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? X509ChainStatusFlags.NoError;
        if (authorities is { Count: > 0 } && errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && certificate is X509Certificate2 server)
        {
            flags = CheckAgain(server, chain);
            errors = flags == X509ChainStatusFlags.NoError ? errors & ~SslPolicyErrors.RemoteCertificateChainErrors : errors;
        }

        return isInsecure || errors == SslPolicyErrors.None ? true : throw Refusal(certificate, errors, flags);
    }

    /// <summary>With the user's authorities in place of the host's.</summary>
    private X509ChainStatusFlags CheckAgain(X509Certificate2 server, X509Chain? first)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities!);
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1")); // a server's, not a client's
        foreach (var element in first?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(server) ? X509ChainStatusFlags.NoError
            : chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) is var flags and not X509ChainStatusFlags.NoError ? flags : X509ChainStatusFlags.PartialChain;
    }

    private static TransferException Refusal(X509Certificate? certificate, SslPolicyErrors errors, X509ChainStatusFlags flags)
    {
        var early = (certificate as X509Certificate2)?.NotBefore.ToUniversalTime() > DateTime.UtcNow;
        return (errors, flags) switch
        {
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) => Refuse("the server showed no certificate"),
            _ when flags.HasFlag(X509ChainStatusFlags.NotTimeValid) && early => Refuse("the server's certificate is not valid yet", $"this machine's clock says {DateTime.UtcNow:yyyy-MM-dd}; when that is wrong, {MachineProbe.SetClock}"),
            _ when flags.HasFlag(X509ChainStatusFlags.NotTimeValid) => Refuse("the server's certificate has expired", $"if this machine's clock ({DateTime.UtcNow:yyyy-MM-dd}) is right, the registry must renew it"),
            _ when (flags & Unknown) != 0 => Refuse("the server's certificate is signed by an unknown authority", TrustStore.Hint),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => Refuse("the server's certificate is for another host name"),
            _ => Refuse($"the server's certificate is not acceptable ({flags})"),
        };
    }

    private static TransferException Refuse(string cause, string? hint = null) => new(TransferFault.Final, "TLS: " + cause, hint);
}
