using System.Net;
using System.Text.Json;
using Orca.Core.Errors;

namespace Orca.Registry.Remote;

/// <summary>Says what a registry answered, without anything secret: no query strings, which carry signatures, and no more than a little of its text.</summary>
internal static class RegistryErrors
{
    /// <summary>How much of an error's body is read.</summary>
    internal const int MaxBody = 4096;

    /// <summary>What helps when a proxy refuses who has no login.</summary>
    internal const string ProxyLogin = "the proxy wants a login: put it into HTTPS_PROXY";

    /// <summary>A request as messages show it.</summary>
    internal static string Get(Uri uri) => "GET " + Shown(uri);

    /// <summary>An answered request as messages show it, with its method.</summary>
    internal static string Request(Answer answer) => $"{answer.Response.RequestMessage?.Method.Method ?? "GET"} {Shown(answer.Uri)}";

    /// <summary>An address without user name, query and fragment.</summary>
    internal static string Shown(Uri uri) => Quoted.Text(uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped));

    /// <summary>The error for an answer that is neither success nor worth another try.</summary>
    /// <param name="failure">How the message starts: <c>cannot pull 'REF'</c>.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="body">The first bytes of its body.</param>
    /// <param name="login">Who asked, and of whom.</param>
    /// <param name="now">The time that a date in the answer is compared with.</param>
    internal static RegistryException OfAnswer(string failure, Answer answer, ReadOnlySpan<byte> body, Login login, DateTimeOffset now)
    {
        var status = (int)answer.Response.StatusCode;
        var (code, text) = ReadBody(body);
        var message = $"{failure}: {Request(answer)}: {status} {code ?? Word(answer.Response.StatusCode)}";
        var ofRegistry = login.Registry.Length > 0;
        if (status == 404 && ofRegistry && code == "BLOB_UNKNOWN")
        {
            return new RegistryException($"{message}: the image names it, and it is not there", "the registry has lost it: whoever made the image has to push it again") { IsAbsence = true };
        }

        var meaning = status switch
        {
            401 or 404 when ofRegistry => "not found or no access",
            403 when ofRegistry => "no access",
            _ => text,
        };
        if (meaning is not null)
        {
            message += ": " + meaning;
        }

        if (status is 401 or 403 or 404 && ofRegistry)
        {
            message += $" ({login})";
        }

        return new RegistryException(message, status == 429 ? RateLimit.Hint(answer, login, now) : Hint(status, login))
        {
            IsAbsence = ofRegistry && (status == 404 || (status is 401 or 403 && login is { User: null, Withheld: null })),
        };
    }

    private static string? Hint(int status, Login login) => status switch
    {
        401 or 403 or 404 when login is { Registry.Length: > 0, Withheld: { } reason } => $"the login for {login.Registry} was not sent, because {reason}; --tls-verify=false sends it all the same",
        401 or 403 or 404 when login is { Registry.Length: > 0, User: null } => $"check the name; if it is private, log in with 'orca login {login.Registry}'",
        401 or 403 when login.Registry.Length > 0 => $"check the login for {login.Registry}",
        404 when login.Registry.Length > 0 => "check the name",
        407 => ProxyLogin,
        _ => null,
    };

    /// <summary>The status as registries spell their codes: <c>NOT_FOUND</c>.</summary>
    private static string Word(HttpStatusCode status) => !Enum.IsDefined(status) ? "(of no known meaning)"
        : string.Concat(status.ToString().Select((c, i) => i > 0 && char.IsAsciiLetterUpper(c) ? $"_{c}" : char.ToUpperInvariant(c).ToString()));

    /// <summary>Code and message of the first error in the registry's JSON, as far as the cut-off text holds them; else nothing.</summary>
    private static (string? Code, string? Text) ReadBody(ReadOnlySpan<byte> body)
    {
        string? code = null, text = null;
        try
        {
            var reader = new Utf8JsonReader(body, isFinalBlock: false, default);
            while ((code is null || text is null) && reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    var (isCode, isText) = (reader.ValueTextEquals("code"u8), reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("details"u8));
                    if (reader.Read() && reader.TokenType == JsonTokenType.String)
                    {
                        code ??= isCode && reader.GetString() is { Length: > 0 and <= 60 } word && !word.AsSpan().ContainsAnyExcept(CodeCharacters) ? word : null;
                        text ??= isText && reader.GetString() is { Length: > 0 } words ? $"'{Quoted.Text(words)}'" : null;
                    }
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // An error page in HTML, say: the status has to be enough.
        }

        return (code, text);
    }

    private static readonly System.Buffers.SearchValues<char> CodeCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
}

/// <summary>Who asked a registry.</summary>
/// <param name="Registry">The registry that a login would be for; empty for another server.</param>
/// <param name="User">The user whose login was sent; null for none.</param>
/// <param name="Withheld">Why a login that there is was not sent; null when it was, or there is none.</param>
internal readonly record struct Login(string Registry, string? User, string? Withheld = null)
{
    /// <summary>Nobody's: for servers that a registry pointed to.</summary>
    internal static Login None => new(string.Empty, null);

    /// <summary>As a message shows it.</summary>
    public override string ToString() => User is null ? "no login was sent" : $"as user '{Quoted.Text(User)}'";
}
