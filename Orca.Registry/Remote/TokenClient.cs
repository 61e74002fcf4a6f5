using System.Text;
using Orca.Core.Errors;

namespace Orca.Registry.Remote;

/// <summary>Exchanges a Bearer challenge, and a login if there is one, for a token.</summary>
internal sealed class TokenClient(HttpSender sender, TimeProvider time)
{
    /// <summary>Asks the realm of the challenge.</summary>
    /// <param name="challenge">A Bearer challenge.</param>
    /// <param name="challenger">Who sent it.</param>
    /// <param name="repository">What the token is for when the challenge does not say.</param>
    /// <param name="credential">The login; sent only over TLS.</param>
    /// <param name="login">How the login is named in an error.</param>
    /// <param name="failure">How an error message starts.</param>
    /// <param name="budget">How often a transient failure may be met.</param>
    /// <param name="cancellationToken">Ends the exchange.</param>
    /// <exception cref="RegistryException">The realm is not acceptable, or refused.</exception>
    internal async Task<(string Token, TimeSpan Lifetime)> ExchangeAsync(
        Challenge challenge, Uri challenger, string repository, Credential? credential, Login login, string failure, RetryBudget budget, CancellationToken cancellationToken)
    {
        if (RedirectRules.RealmProblem(challenger, challenge["realm"], out var realm) is { } problem)
        {
            throw new RegistryException($"{failure}: {RegistryErrors.Shown(challenger)}: {problem}{(challenge["realm"] is { } text ? $" ('{Quoted.Text(Cut(text))}')" : string.Empty)}");
        }

        var sendsLogin = credential is not null && realm.Scheme == Uri.UriSchemeHttps;
        var ask = new Ask
        {
            Uri = Query(realm, challenge["service"], challenge["scope"] is { Length: > 0 } scope ? scope : $"repository:{repository}:pull"),
            Authorization = sendsLogin ? credential!.ToBasic() : null,
            Accept = "application/json",
            ForToken = true,
            Failure = failure,
        };
        while (true)
        {
            try
            {
                using var answer = await sender.SendAsync(ask, budget, wasReachable: false, cancellationToken).ConfigureAwait(false);
                if (!answer.Response.IsSuccessStatusCode)
                {
                    var body = await BodyReader.ReadErrorAsync(answer, time, cancellationToken).ConfigureAwait(false);
                    throw RegistryErrors.OfAnswer(failure, answer, body, sendsLogin ? login : login with { User = null, IsWithheld = credential is not null });
                }

                var json = await BodyReader.ReadAsync(answer, TokenReader.MaxSize, time, cancellationToken).ConfigureAwait(false);
                return TokenReader.Read(json, $"{failure}: {RegistryErrors.Get(answer.Uri)}");
            }
            catch (ContentException e)
            {
                throw new RegistryException(e.Message, inner: e);
            }
            catch (TransferException e)
            {
                // The sender has tried what it may; a body that broke is worth the same.
                if (e.Fault != TransferFault.Broken || !await budget.WaitAsync(RegistryErrors.Get(realm), e.Message, null, cancellationToken).ConfigureAwait(false))
                {
                    throw e.ToError(failure, realm);
                }
            }
        }
    }

    private static Uri Query(Uri realm, string? service, string scopes)
    {
        var query = new StringBuilder(realm.Query.TrimStart('?'));
        void Add(string name, string value) => query.Append(query.Length == 0 ? string.Empty : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));

        if (!string.IsNullOrEmpty(service))
        {
            Add("service", service);
        }

        foreach (var scope in scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Add("scope", scope);
        }

        return new UriBuilder(realm) { Query = query.ToString(), Fragment = string.Empty }.Uri;
    }

    private static string Cut(string realm) => realm.Split('?', 2)[0];
}
