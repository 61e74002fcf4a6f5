namespace Orca.Registry.Remote;

/// <summary>Finds out once how a registry is reached: over TLS, or in the clear when it may be spoken to so and does not speak TLS.</summary>
internal sealed class RegistryOrigin(RegistryEndpoint endpoint, HttpMessageInvoker invoker)
{
    /// <summary>Not speaking TLS can also mean saying nothing to its greeting; on this machine nobody needs longer to answer it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FarPatience = TimeSpan.FromSeconds(10);

    private volatile Uri? _known;
    private volatile bool _answered;

    /// <summary>True once the registry has answered, so that a refused connection is no longer a wrong name.</summary>
    internal bool HasAnswered => _answered;

    /// <summary>An answer came.</summary>
    internal void Answered() => _answered = true;

    /// <summary>The address below which the registry's interface lies.</summary>
    internal async ValueTask<Uri> GetAsync(CancellationToken cancellationToken) =>
        _known ??= endpoint.MaySpeakHttp && !await SpeaksTlsAsync(cancellationToken).ConfigureAwait(false) ? endpoint.Http : endpoint.Https;

    /// <summary>A bad certificate is TLS too: it must end in an error, not in the clear.</summary>
    private async Task<bool> SpeaksTlsAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(endpoint.IsLoopback ? Patience : FarPatience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.Https, "v2/"));
            using var response = await invoker.SendAsync(request, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && TransferFaults.Explain(e) is { } fault)
        {
            return fault.Fault == TransferFault.Final || e is HttpRequestException { HttpRequestError: HttpRequestError.Unknown or HttpRequestError.ResponseEnded }; // it broke behind the handshake
        }
    }
}
