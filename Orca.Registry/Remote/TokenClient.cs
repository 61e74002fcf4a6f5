using System.Net;
using System.Text;
using Orca.Core.Errors;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;

namespace Orca.Registry.Remote;

/// <summary>Exchanges a Bearer challenge, and a login if there is one, for a token.</summary>
/// <remarks>Sources: distribution's token authentication specification (GET) and its OAuth2 variant (POST), which takes identity tokens.</remarks>
internal sealed class TokenClient(HttpSender sender, InsecureHosts insecure, LoginRules rules, TimeProvider time)
{
    /// <summary>Asks the realm of the challenge.</summary>
    /// <param name="challenge">A Bearer challenge.</param>
    /// <param name="challenger">Who sent it.</param>
    /// <param name="repository">What the token is for when the challenge does not say; null for nothing but the login itself.</param>
    /// <param name="credential">The login; sent only where <see cref="LoginRules"/> let it.</param>
    /// <param name="login">How the login is named in an error.</param>
    /// <param name="failure">How an error message starts.</param>
    /// <param name="budget">How often a transient failure may be met.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <exception cref="RegistryException">The realm is not acceptable, or refused.</exception>
    internal async Task<(string Token, TimeSpan Lifetime)> ExchangeAsync(
        Challenge challenge, Uri challenger, string? repository, Credential? credential, Login login, string failure, RetryBudget budget, CancellationToken cancellationToken)
    {
        if (RedirectRules.RealmProblem(challenger, challenge["realm"], insecure, out var realm) is { } problem)
        {
            throw new RegistryException($"{failure}: {RegistryErrors.Shown(challenger)}: {problem}{(challenge["realm"] is { } text ? $" ('{Quoted.Text(Cut(text))}')" : string.Empty)}");
        }

        credential = credential is not null && rules.Problem(realm) is null ? credential : null;
        var scopes = challenge["scope"] is { Length: > 0 } scope ? scope : repository is null ? string.Empty : $"repository:{repository}:pull";
        var ask = new Ask
        {
            Uri = Query(realm, challenge["service"], scopes),
            Authorization = credential?.ToBasic(),
            Accept = "application/json",
            ForToken = true,
            Failure = failure,
        };
        if (credential is { IsToken: true })
        {
            var post = ask with { Uri = realm, Authorization = null, Form = Form(challenge["service"], scopes, credential.Secret) };
            if (await AskAsync(post, mayBeMissing: true, login, budget, cancellationToken).ConfigureAwait(false) is { } exchanged)
            {
                return exchanged;
            }
        }

        return (await AskAsync(ask, mayBeMissing: false, login, budget, cancellationToken).ConfigureAwait(false))!.Value;
    }

    /// <summary>Asks; null when there may be no such address and is none.</summary>
    private async Task<(string Token, TimeSpan Lifetime)?> AskAsync(Ask ask, bool mayBeMissing, Login login, RetryBudget budget, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var answer = await sender.SendAsync(ask, budget, wasReachable: false, cancellationToken).ConfigureAwait(false);
                if (mayBeMissing && answer.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
                {
                    return null;
                }

                if (!answer.Response.IsSuccessStatusCode)
                {
                    var body = await BodyReader.ReadErrorAsync(answer, time, cancellationToken).ConfigureAwait(false);
                    throw RegistryErrors.OfAnswer(ask.Failure, answer, body, login, time.GetUtcNow());
                }

                var json = await BodyReader.ReadAsync(answer, TokenReader.MaxSize, time, cancellationToken).ConfigureAwait(false);
                return TokenReader.Read(json, $"{ask.Failure}: {RegistryErrors.Request(answer)}");
            }
            catch (ContentException e)
            {
                throw new RegistryException(e.Message, inner: e);
            }
            catch (TransferException e)
            {
                // The sender has tried what it may; a body that broke is worth the same, silence is not waited for again.
                if (e.Fault != TransferFault.Broken || !await budget.WaitAsync(RegistryErrors.Get(ask.Uri), e.Message, null, cancellationToken).ConfigureAwait(false))
                {
                    throw e.ToError(ask.Failure, ask.Uri);
                }
            }
        }
    }

    private static Uri Query(Uri realm, string? service, string scopes)
    {
        var query = new StringBuilder(realm.Query.TrimStart('?'));
        if (!string.IsNullOrEmpty(service))
        {
            Add(query, "service", service);
        }

        foreach (var scope in scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Add(query, "scope", scope);
        }

        return new UriBuilder(realm) { Query = query.ToString(), Fragment = string.Empty }.Uri;
    }

    private static string Form(string? service, string scopes, string token)
    {
        var form = new StringBuilder("grant_type=refresh_token&client_id=orca");
        Add(form, "refresh_token", token);
        Add(form, "service", service ?? string.Empty);
        Add(form, "scope", scopes);
        return form.ToString();
    }

    private static void Add(StringBuilder query, string name, string value) =>
        query.Append(query.Length == 0 ? string.Empty : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));

    private static string Cut(string realm) => realm.Split('?', 2)[0];
}
