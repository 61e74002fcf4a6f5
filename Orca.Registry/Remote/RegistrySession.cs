using System.Net;
using Microsoft.Extensions.Logging;
using Orca.Core.Errors;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;

namespace Orca.Registry.Remote;

/// <summary>One repository of one registry: knows how it is reached and holds what opens it.</summary>
/// <remarks>A token goes to the origin of the registry that it was made for, for this repository, and nowhere else.</remarks>
internal sealed class RegistrySession(RegistryEndpoint endpoint, RegistryOrigin registry, string? repository, ICredentialSource credentials, SessionTools tools) : IDisposable
{
    private const int MaxExchanges = 2;

    private readonly TokenClient _tokens = new(tools.Sender, tools.Insecure, tools.Rules, tools.Time);
    private readonly TimeProvider _time = tools.Time;
    private readonly SemaphoreSlim _exchange = new(1, 1);
    private Grant? _grant;
    private bool _isLimitTold;
    private Login _login = new(endpoint.Registry, null);

    /// <summary>A budget for one piece of work.</summary>
    internal RetryBudget NewBudget() => new(tools.Time, tools.Logger, tools.Note);

    /// <summary>True when a login was sent that the registry or its token server took.</summary>
    internal bool HasLogin => _login.User is not null;

    /// <summary>Asks for something below the repository; the answer is a success.</summary>
    /// <exception cref="RegistryException">The registry refuses, or there is no answer.</exception>
    internal Task<Answer> GetAsync(string path, string? accept, long offset, string failure, RetryBudget budget, CancellationToken cancellationToken) =>
        GetFromRootAsync($"v2/{repository}/{path}", accept, offset, failure, budget, cancellationToken);

    /// <summary>Sends a step of an upload to the repository, or to an address that the registry gave for one; any answer comes back.</summary>
    /// <remarks>The login goes to the registry's own origin and nowhere else.</remarks>
    /// <exception cref="RegistryException">An address is not allowed, or the token server refuses.</exception>
    /// <exception cref="TransferException">There is no answer.</exception>
    internal async Task<Answer> SendAsync(HttpMethod method, string? path, Uri? place, Func<HttpContent>? body, bool isOnce, string failure, RetryBudget budget, CancellationToken cancellationToken)
    {
        var origin = await registry.GetAsync(cancellationToken).ConfigureAwait(false);
        var ask = new Ask { Uri = place ?? new Uri(origin, $"v2/{repository}/{path}"), Method = method, Body = body, IsOnce = isOnce, Accept = method == HttpMethod.Head ? "*/*" : null, Failure = failure };
        return RedirectRules.SameOrigin(ask.Uri, origin) ? await AskAsync(ask, budget, cancellationToken).ConfigureAwait(false)
            : await tools.Sender.SendAsync(ask, budget, true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Where an answer sends an upload on to.</summary>
    /// <exception cref="RegistryException">There is no such address, or it is not allowed.</exception>
    internal Uri NextPlace(Answer answer, string failure) =>
        RedirectRules.Problem(answer.Uri, answer.Header("Location"), false, tools.Insecure, out var next) is { } problem
            ? throw new RegistryException($"{failure}: {RegistryErrors.Request(answer)}: {problem}") : next;

    /// <summary>The error of an answer that is no success.</summary>
    internal async Task<RegistryException> ErrorAsync(Answer answer, string failure, CancellationToken cancellationToken)
    {
        var origin = await registry.GetAsync(cancellationToken).ConfigureAwait(false);
        var body = await BodyReader.ReadErrorAsync(answer, _time, cancellationToken).ConfigureAwait(false);
        return RegistryErrors.OfAnswer(failure, answer, body, RedirectRules.SameOrigin(answer.Uri, origin) ? _login : Login.None, _time.GetUtcNow());
    }

    /// <summary>Asks whether the registry lets the login in.</summary>
    /// <exception cref="RegistryException">It does not, or there is no answer.</exception>
    internal async Task PingAsync(string failure, CancellationToken cancellationToken) =>
        (await GetFromRootAsync("v2/", null, 0, failure, NewBudget(), cancellationToken).ConfigureAwait(false)).Dispose();

    private async Task<Answer> GetFromRootAsync(string where, string? accept, long offset, string failure, RetryBudget budget, CancellationToken cancellationToken)
    {
        var origin = await registry.GetAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var ask = new Ask { Uri = new Uri(origin, where), Accept = accept, Offset = offset, Failure = failure };
            var answer = await AskAsync(ask, budget, cancellationToken).ConfigureAwait(false);
            if (answer.Response.IsSuccessStatusCode && !_isLimitTold && RateLimit.Read(answer) is { IsLow: true } limit)
            {
                _isLimitTold = true;
                tools.Note(limit.Say(endpoint.Registry, isAnonymous: !HasLogin));
            }

            if (answer.Response.IsSuccessStatusCode || answer.Response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return answer;
            }

            using (answer)
            {
                var body = await BodyReader.ReadErrorAsync(answer, _time, cancellationToken).ConfigureAwait(false);
                throw RegistryErrors.OfAnswer(failure, answer, body, RedirectRules.SameOrigin(answer.Uri, origin) ? _login : Login.None, _time.GetUtcNow());
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
            var grant = _grant is { } held && held.Expires > _time.GetUtcNow() ? held : null;
            var answer = await tools.Sender.SendAsync(ask with { Authorization = grant?.Header }, budget, registry.HasAnswered, cancellationToken).ConfigureAwait(false);
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
            return await tools.Sender.SendAsync(ask with { Uri = answer.Uri, Authorization = "Bearer " + token }, budget, true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Answers a challenge; false when there is no answer. Of many requests that met the same end of a token, one renews it.</summary>
    private async Task<bool> AuthenticateAsync(Ask ask, IReadOnlyList<Challenge> challenges, Grant? refused, RetryBudget budget, CancellationToken cancellationToken)
    {
        await _exchange.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_grant is { } held && held != refused && held.Expires > _time.GetUtcNow())
            {
                return true;
            }

            _grant = null;
            var bearer = challenges.FirstOrDefault(one => one.IsBearer);
            if (bearer is null && !challenges.Any(one => one.IsBasic))
            {
                return false;
            }

            var credential = await credentials.FindAsync(endpoint.Registry, repository ?? string.Empty, cancellationToken).ConfigureAwait(false);
            var withheld = credential is null ? null : tools.Rules.Problem(ask.Uri)
                ?? (Uri.TryCreate(bearer?["realm"], UriKind.Absolute, out var realm) ? tools.Rules.Problem(realm) : null);
            var usable = withheld is null ? credential : null;
            _login = new Login(endpoint.Registry, usable?.User, withheld);
            if (bearer is not null)
            {
                var (token, lifetime) = await _tokens.ExchangeAsync(bearer, ask.Uri, repository, usable, _login, ask.Failure, budget, cancellationToken).ConfigureAwait(false);
                _grant = new Grant("Bearer " + token, _time.GetUtcNow() + (lifetime * 0.9));
                return true;
            }

            _grant = usable is not null ? new Grant(usable.ToBasic(), DateTimeOffset.MaxValue) : null;
            return _grant is not null;
        }
        finally
        {
            _exchange.Release();
        }
    }
}

/// <summary>What all sessions of a client share.</summary>
/// <param name="Sender">Sends.</param>
/// <param name="Insecure">Whom the user does not want checked.</param>
/// <param name="Rules">Where a login may go.</param>
/// <param name="Time">The clock.</param>
/// <param name="Note">Tells the user.</param>
/// <param name="Logger">Tells who looks for a fault.</param>
internal sealed record SessionTools(HttpSender Sender, InsecureHosts Insecure, LoginRules Rules, TimeProvider Time, Action<string> Note, ILogger Logger);
