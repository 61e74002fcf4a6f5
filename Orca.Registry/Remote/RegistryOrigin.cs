namespace Orca.Registry.Remote;

/// <summary>Finds out once how a registry is reached: over TLS, or in the clear when it may be spoken to so and does not speak TLS.</summary>
/// <remarks>
/// What the registry answers decides, and never how long it takes: a small board needs seconds for a handshake, and a server of plain http may wait for the end of a line that
/// a TLS greeting does not have. TLS is tried first. When that has no answer for a while, or fails below TLS, plain http is tried as well, and the first answer that can only come from one of the
/// two counts. Neither request carries a login.
/// </remarks>
internal sealed class RegistryOrigin(RegistryEndpoint endpoint, HttpMessageInvoker invoker)
{
    /// <summary>Only how long the registry is asked in one way alone.</summary>
    private static readonly TimeSpan s_headStart = TimeSpan.FromSeconds(1);

    private volatile Uri? _known;
    private volatile bool _answered;

    /// <summary>What was found out: <see cref="Nothing"/> leaves the decision to the other request.</summary>
    private enum Finding
    {
        Nothing,
        Tls,
        Plain,
    }

    /// <summary>True once the registry has answered, so that a refused connection is no longer a wrong name.</summary>
    internal bool HasAnswered => _answered;

    /// <summary>An answer came.</summary>
    internal void Answered() => _answered = true;

    /// <summary>The address below which the registry's interface lies.</summary>
    internal async ValueTask<Uri> GetAsync(CancellationToken cancellationToken) =>
        _known ??= endpoint.MaySpeakHttp && await FindAsync(cancellationToken).ConfigureAwait(false) == Finding.Plain ? endpoint.Http : endpoint.Https;

    private async Task<Finding> FindAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(IdleTimer.Limit);
        var tls = TryTlsAsync(end.Token);
        await Task.WhenAny(tls, Task.Delay(s_headStart, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (tls.IsCompleted && await tls.ConfigureAwait(false) is not Finding.Nothing and var found)
        {
            return found;
        }

        var plain = TryPlainAsync(end.Token);
        var first = await Task.WhenAny(tls, plain).ConfigureAwait(false);
        found = await first.ConfigureAwait(false);
        if (found == Finding.Nothing)
        {
            found = await (first == tls ? plain : tls).ConfigureAwait(false);
        }

        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(tls, plain).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return found;
    }

    /// <summary>A bad certificate is TLS too: it must end in an error, not in the clear.</summary>
    private async Task<Finding> TryTlsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await AskAsync(endpoint.Https, cancellationToken).ConfigureAwait(false);
            return Finding.Tls;
        }
        catch (Exception e) when (TransferFaults.Explain(e) is { } fault)
        {
            return fault.Fault switch
            {
                _ when cancellationToken.IsCancellationRequested => Finding.Nothing,
                TransferFault.Final => Finding.Tls,
                TransferFault.Unreachable => Finding.Plain, // in whichever way: the error is the same
                _ => e is HttpRequestException { HttpRequestError: HttpRequestError.Unknown or HttpRequestError.ResponseEnded } ? Finding.Tls : Finding.Nothing, // it broke behind the handshake, or in it
            };
        }
    }

    /// <summary>Servers of TLS answer a request in the clear with an alert, with nothing, or (Go, nginx, Apache) with status 400 and a text that names https.</summary>
    private async Task<Finding> TryPlainAsync(CancellationToken cancellationToken)
    {
        const int longest = 4096;
        try
        {
            using var response = await AskAsync(endpoint.Http, cancellationToken).ConfigureAwait(false);
            if ((int)response.StatusCode != 400)
            {
                return Finding.Plain;
            }

            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var text = new byte[longest];
            var length = await body.ReadAtLeastAsync(text, longest, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return System.Text.Encoding.Latin1.GetString(text, 0, length).Contains("https", StringComparison.OrdinalIgnoreCase) ? Finding.Tls : Finding.Plain;
        }
        catch (Exception e) when (TransferFaults.Explain(e) is not null)
        {
            return Finding.Nothing;
        }
    }

    private async Task<HttpResponseMessage> AskAsync(Uri origin, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(origin, "v2/"));
        return await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
