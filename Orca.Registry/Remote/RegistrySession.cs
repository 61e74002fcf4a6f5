using System.Net;
using Microsoft.Extensions.Logging;
using Orca.Core.Errors;

namespace Orca.Registry.Remote;

/// <summary>One repository of one registry: knows how it is reached and holds what opens it.</summary>
/// <remarks>A token goes to the origin of the registry that it was made for, for this repository, and nowhere else.</remarks>
internal sealed class RegistrySession(RegistryEndpoint endpoint, RegistryOrigin registry, string repository, ICredentialSource credentials, HttpSender sender, TimeProvider time, ILogger logger) : IDisposable
{
    private const int MaxExchanges = 2;

    private readonly TokenClient _tokens = new(sender, time);
    private readonly SemaphoreSlim _exchange = new(1, 1);
    private Grant? _grant;
    private Login _login = new(endpoint.Registry, null, false);

    /// <summary>A budget for one piece of work.</summary>
    internal RetryBudget NewBudget() => new(time, logger);

    /// <summary>Asks for something below the repository; the answer is a success.</summary>
    /// <exception cref="RegistryException">The registry refuses, or there is no answer.</exception>
    internal async Task<Answer> GetAsync(string path, string? accept, long offset, string failure, RetryBudget budget, CancellationToken cancellationToken)
    {
        var where = $"v2/{repository}/{path}";
        var origin = await registry.GetAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var ask = new Ask { Uri = new Uri(origin, where), Accept = accept, Offset = offset, Failure = failure };
            var answer = await AskAsync(ask, budget, cancellationToken).ConfigureAwait(false);
            if (answer.Response.IsSuccessStatusCode || answer.Response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return answer;
            }

            using (answer)
            {
                var body = await BodyReader.ReadErrorAsync(answer, time, cancellationToken).ConfigureAwait(false);
                throw RegistryErrors.OfAnswer(failure, answer, body, RedirectRules.SameOrigin(answer.Uri, origin) ? _login : Login.None);
            }
        }
        catch (TransferException e)
        {
            throw e.ToError(failure, new Uri(origin, where));
        }
    }

    public void Dispose() => _exchange.Dispose();

    private async Task<Answer> AskAsync(Ask ask, RetryBudget budget, CancellationToken cancellationToken)
    {
        var isFresh = false;
        for (var exchanges = 0; ; exchanges++)
        {
            var grant = _grant is { } held && held.Expires > time.GetUtcNow() ? held : null;
            var answer = await sender.SendAsync(ask with { Authorization = grant?.Header }, budget, registry.HasAnswered, cancellationToken).ConfigureAwait(false);
            registry.Answered();
            if (answer.Response.StatusCode != HttpStatusCode.Unauthorized)
            {
                return answer;
            }

            var challenges = Challenge.ParseAll(answer.Headers("WWW-Authenticate"));
            if (!RedirectRules.SameOrigin(answer.Uri, ask.Uri))
            {
                return await AskElsewhereAsync(ask, answer, challenges, budget, cancellationToken).ConfigureAwait(false);
            }

            if ((isFresh && grant is not null) || exchanges == MaxExchanges || !await AuthenticateAsync(ask, challenges, grant, budget, cancellationToken).ConfigureAwait(false))
            {
                return answer;
            }

            answer.Dispose();
            isFresh = true;
        }
    }

    /// <summary>The target of a redirect wants a token of its own: it gets an anonymous one from its own realm, never the registry's (CVE-2020-15157).</summary>
    private async Task<Answer> AskElsewhereAsync(Ask ask, Answer answer, IReadOnlyList<Challenge> challenges, RetryBudget budget, CancellationToken cancellationToken)
    {
        if (challenges.FirstOrDefault(one => one.IsBearer) is not { } challenge)
        {
            return answer;
        }

        using (answer)
        {
            var (token, _) = await _tokens.ExchangeAsync(challenge, answer.Uri, repository, null, Login.None, ask.Failure, budget, cancellationToken).ConfigureAwait(false);
            return await sender.SendAsync(ask with { Uri = answer.Uri, Authorization = "Bearer " + token }, budget, true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Answers a challenge; false when there is no answer. Of many requests that met the same end of a token, one renews it.</summary>
    private async Task<bool> AuthenticateAsync(Ask ask, IReadOnlyList<Challenge> challenges, Grant? refused, RetryBudget budget, CancellationToken cancellationToken)
    {
        await _exchange.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_grant is { } held && held != refused && held.Expires > time.GetUtcNow())
            {
                return true;
            }

            _grant = null;
            var bearer = challenges.FirstOrDefault(one => one.IsBearer);
            if (bearer is null && !challenges.Any(one => one.IsBasic))
            {
                return false;
            }

            var credential = await credentials.FindAsync(endpoint.Registry, repository, cancellationToken).ConfigureAwait(false);
            var isSecret = ask.Uri.Scheme == Uri.UriSchemeHttps;
            _login = new Login(endpoint.Registry, isSecret ? credential?.User : null, credential is not null && !isSecret);
            if (bearer is not null)
            {
                var usable = isSecret ? credential : null;
                var (token, lifetime) = await _tokens.ExchangeAsync(bearer, ask.Uri, repository, usable, _login, ask.Failure, budget, cancellationToken).ConfigureAwait(false);
                _grant = new Grant("Bearer " + token, time.GetUtcNow() + (lifetime * 0.9));
                return true;
            }

            // A password in the clear would go to whoever listens on the port: on a shared machine, not always the registry.
            _grant = credential is not null && isSecret ? new Grant(credential.ToBasic(), DateTimeOffset.MaxValue) : null;
            return _grant is not null;
        }
        finally
        {
            _exchange.Release();
        }
    }
}
