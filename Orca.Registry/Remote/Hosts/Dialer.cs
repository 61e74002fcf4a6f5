using System.Net;
using System.Net.Sockets;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Connects to a host by name: no link-local address behind a name, and no waiting for a dead address while another lives.</summary>
/// <remarks>
/// Happy eyeballs (RFC 8305): addresses of both families in turn, the next one a quarter of a second after the last or at its failure, the first
/// connection wins. A name that leads to 169.254.169.254 is refused here, where no redirect rule can see it.
/// </remarks>
internal static class Dialer
{
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(9);

    /// <summary>The callback of <see cref="SocketsHttpHandler"/>.</summary>
    internal static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var addresses = await ResolveAsync(context.DnsEndPoint.Host, limit.Token).ConfigureAwait(false);
            return new NetworkStream(await ConnectAsync(addresses, context.DnsEndPoint.Port, limit.Token).ConfigureAwait(false), ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw IsProxy(context)
                ? new TransferException(TransferFault.Unreachable, $"no connection to the proxy '{context.DnsEndPoint.Host}:{context.DnsEndPoint.Port}'", "check HTTPS_PROXY and NO_PROXY", e)
                : e as SocketException ?? new SocketException((int)SocketError.TimedOut);
        }
    }

    private static bool IsProxy(SocketsHttpConnectionContext context) =>
        context.InitialRequestMessage is { RequestUri: { } asked, Method: var method } && (method == HttpMethod.Connect || asked.IdnHost != context.DnsEndPoint.Host || asked.Port != context.DnsEndPoint.Port);

    private static async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (AddressRules.IsLocalhost(host) && AddressRules.Literal(host) is null)
        {
            return [IPAddress.Loopback, IPAddress.IPv6Loopback]; // RFC 6761: needs no lookup, and works where there is no /etc/hosts
        }

        IPAddress[] found = AddressRules.Literal(host) is { } literal ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        var allowed = found.Where(address => !AddressRules.IsLinkLocal(address)).ToList();
        if (allowed.Count == 0)
        {
            throw found.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new TransferException(TransferFault.Final, "the host has a link-local address");
        }

        var first = allowed[0].AddressFamily;
        var (same, other) = (allowed.Where(a => a.AddressFamily == first).ToList(), allowed.Where(a => a.AddressFamily != first).ToList());
        return [.. Enumerable.Range(0, allowed.Count).SelectMany(i => same.Skip(i).Take(1).Concat(other.Skip(i).Take(1)))];
    }

    /// <summary>The first connection that any of the addresses gives.</summary>
    internal static async Task<Socket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        using var losers = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tries = new List<Task<Socket>>();
        SocketException? failure = null;
        for (var next = 0; next < addresses.Count || tries.Count > 0;)
        {
            if (next < addresses.Count)
            {
                tries.Add(ConnectAsync(new IPEndPoint(addresses[next++], port), losers.Token));
            }

            var anyEnds = Task.WhenAny(tries);
            if (next < addresses.Count)
            {
                await Task.WhenAny(anyEnds, Task.Delay(Stagger, losers.Token)).ConfigureAwait(false);
            }
            else
            {
                await anyEnds.ConfigureAwait(false);
            }

            foreach (var ended in tries.Where(one => one.IsCompleted).ToList())
            {
                tries.Remove(ended);
                if (ended.IsCompletedSuccessfully)
                {
                    await losers.CancelAsync().ConfigureAwait(false);
                    tries.ForEach(DisposeWhenDone);
                    return await ended.ConfigureAwait(false);
                }

                failure = ended.Exception?.InnerException as SocketException ?? failure;
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        throw failure ?? new SocketException((int)SocketError.HostUnreachable);
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void DisposeWhenDone(Task<Socket> late) => late.ContinueWith(
        static done => _ = done.IsCompletedSuccessfully ? Dispose(done.Result) : done.Exception is not null,
        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static bool Dispose(Socket socket)
    {
        socket.Dispose();
        return true;
    }
}
