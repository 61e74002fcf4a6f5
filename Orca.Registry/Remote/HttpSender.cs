using Microsoft.Extensions.Logging;
using Orca.Core.Errors;
using Orca.Registry.Remote.Hosts;

namespace Orca.Registry.Remote;

/// <summary>Sends a request until there is an answer: follows redirects by the rules, tries again what is transient.</summary>
internal sealed class HttpSender(HttpMessageInvoker invoker, InsecureHosts insecure, TimeProvider time, ILogger logger)
{
    private const string UserAgent = "orca/0.1";

    /// <summary>The answer, whatever its status but for the transient ones, which come back only when the budget is used up.</summary>
    /// <exception cref="RegistryException">A redirect is not allowed.</exception>
    /// <exception cref="TransferException">There is no answer.</exception>
    internal async Task<Answer> SendAsync(Ask ask, RetryBudget budget, bool wasReachable, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var answer = await FollowAsync(ask, cancellationToken).ConfigureAwait(false);
                if (ask.IsOnce || !RetryBudget.IsTransient(answer.Response.StatusCode)
                    || !await budget.WaitAsync(RegistryErrors.Get(answer.Uri), $"status {(int)answer.Response.StatusCode}", answer.Header("Retry-After"), cancellationToken).ConfigureAwait(false))
                {
                    return answer;
                }

                answer.Dispose();
            }
            catch (TransferException e) when (!ask.IsOnce && (e.Fault == TransferFault.Broken || (e.Fault is TransferFault.Unreachable or TransferFault.Silent && wasReachable)))
            {
                if (!await budget.WaitAsync(RegistryErrors.Get(ask.Uri), e.Message, null, cancellationToken).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    private async Task<Answer> FollowAsync(Ask ask, CancellationToken cancellationToken)
    {
        var uri = ask.Uri;
        for (var redirects = 0; ; redirects++)
        {
            var answer = new Answer(await SendOnceAsync(ask, uri, cancellationToken).ConfigureAwait(false), uri);
            if ((int)answer.Response.StatusCode is not (301 or 302 or 303 or 307 or 308))
            {
                return answer;
            }

            using (answer)
            {
                var problem = ask.Form is not null ? "the redirect would take an identity token along"
                    : ask.Method is { } method && method != HttpMethod.Head && (int)answer.Response.StatusCode is not (307 or 308) ? "the redirect would change the request into another one"
                    : redirects == RedirectRules.Max ? $"more than {RedirectRules.Max} redirects"
                    : RedirectRules.Problem(uri, answer.Header("Location"), ask.ForToken, insecure, out uri);
                if (problem is not null)
                {
                    throw new RegistryException($"{ask.Failure}: {RegistryErrors.Get(answer.Uri)}: {problem}{(uri == answer.Uri ? string.Empty : $" ({RegistryErrors.Shown(uri)})")}");
                }
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Ask ask, Uri uri, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(ask.Method ?? (ask.Form is null ? HttpMethod.Get : HttpMethod.Post), uri);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        if (ask.Accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", ask.Accept);
        }

        if (ask.Authorization is not null && RedirectRules.SameOrigin(ask.Uri, uri))
        {
            request.Headers.TryAddWithoutValidation("Authorization", ask.Authorization);
        }

        if (ask.Offset > 0)
        {
            request.Headers.TryAddWithoutValidation("Range", $"bytes={ask.Offset}-");
        }

        if (ask.Form is not null)
        {
            request.Content = new StringContent(ask.Form, System.Text.Encoding.ASCII, "application/x-www-form-urlencoded");
        }

        if (ask.Body is { } body)
        {
            request.Content = body();
        }

        var response = await AwaitAsync(ask, request, cancellationToken).ConfigureAwait(false);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            logger.LogDebug("{Method} {Address}: {Status}", request.Method, RegistryErrors.Shown(uri), (int)response.StatusCode);
        }

        return response;
    }

    private async Task<HttpResponseMessage> AwaitAsync(Ask ask, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var idle = new IdleTimer(time);
        try
        {
            return await idle.RunAsync(
                static async (state, token) => await state.invoker.SendAsync(state.request, token).ConfigureAwait(false), (invoker, request), cancellationToken).ConfigureAwait(false);
        }
        catch (TransferException e) when (request.RequestUri != ask.Uri)
        {
            throw new TransferException(e.Fault, $"redirected to {RegistryErrors.Shown(request.RequestUri!)}: {e.Message}", e.Hint, e);
        }
    }
}
