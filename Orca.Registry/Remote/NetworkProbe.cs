using System.Net;
using System.Net.Sockets;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Registry.Remote;

/// <summary>Looks up the name of the registry that bare image names mean.</summary>
internal sealed class NetworkProbe(TimeProvider time) : IHostProbe
{
    private const string Registry = "registry-1.docker.io";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IEnumerable<HostFinding> Examine(CancellationToken cancellationToken)
    {
        const string subject = "names of hosts";
        if (Proxy() is { } proxy)
        {
            yield return new HostFinding(subject, HostVerdict.Works, $"a proxy is asked instead: {proxy}");
            yield break;
        }

        yield return Resolve(subject, cancellationToken);
    }

    private HostFinding Resolve(string subject, CancellationToken cancellationToken)
    {
        CLibrary.UseFilesAndDns();
        using var patience = new CancellationTokenSource(s_patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var addresses = Dns.GetHostAddressesAsync(Registry, both.Token).WaitAsync(both.Token).GetAwaiter().GetResult();
            return addresses.Length > 0
                ? new HostFinding(subject, HostVerdict.Works, $"{Registry} is {addresses[0]}")
                : Missing(subject, "no address");
        }
        catch (SocketException failure)
        {
            return Missing(subject, failure.SocketErrorCode == SocketError.HostNotFound ? "no such host" : $"{failure.SocketErrorCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Missing(subject, "no answer within 5 s");
        }
    }

    /// <summary>Containers of stored images run without; only the public registry cannot be reached.</summary>
    private static HostFinding Missing(string subject, string cause) => new(subject, HostVerdict.Fallback, $"{Registry} cannot be looked up: {cause}; images of other registries may still be pulled")
    {
        Cure = "see /etc/resolv.conf, or say which proxy to use: export https_proxy=http://HOST:PORT",
    };

    private static string? Proxy()
    {
        var text = Environment.GetEnvironmentVariable("https_proxy") ?? Environment.GetEnvironmentVariable("HTTPS_PROXY");
        return Uri.TryCreate(text, UriKind.Absolute, out var proxy) ? $"{proxy.Host}:{proxy.Port}" : null; // without its password
    }
}
