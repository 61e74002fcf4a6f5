using Orca.Registry.Remote.Hosts;

namespace Orca.Registry.Remote;

/// <summary>Which addresses in answers are followed, and what is sent to them: pure rules.</summary>
/// <remarks>
/// <c>AllowAutoRedirect</c> is off and these decide instead, because the target must be checked before anything is sent
/// and the Authorization header must not go to another origin (CVE-2022-23538, CVE-2020-15157).
/// </remarks>
internal static class RedirectRules
{
    /// <summary>How many redirects one request may take.</summary>
    internal const int Max = 10;

    /// <summary>True when both have the same scheme, host and port.</summary>
    internal static bool SameOrigin(Uri a, Uri b) => a.Scheme == b.Scheme && a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>Why a redirect is not followed; null when it is.</summary>
    /// <param name="from">What was asked.</param>
    /// <param name="location">The Location header.</param>
    /// <param name="forToken">True when a token server redirects: it may not point into a private network.</param>
    /// <param name="insecure">To whom plain http is spoken.</param>
    /// <param name="to">Where it leads.</param>
    internal static string? Problem(Uri from, string? location, bool forToken, InsecureHosts insecure, out Uri to)
    {
        to = from;
        if (location is null || !Uri.TryCreate(from, location, out var target))
        {
            return "the redirect has no valid address";
        }

        to = target;
        return target.Scheme is not ("https" or "http") ? "the redirect leads to something else than http"
            : target.UserInfo.Length > 0 ? "the redirect carries a user name"
            : from.Scheme == "https" && target.Scheme == "http" ? "the redirect leads from https to http"
            : target.Scheme == "http" && !insecure.MaySpeakHttp(target) ? "the redirect leads to plain http on another machine"
            : AddressRules.IsLinkLocal(target.IdnHost) ? "the redirect leads to a link-local address"
            : forToken && AddressRules.IsPrivate(target.IdnHost) && !SamePlace(from, target) ? "the redirect of the token server leads to a private address"
            : null;
    }

    /// <summary>Why the realm of a challenge is not asked for a token; null when it is.</summary>
    /// <param name="challenger">Who sent the challenge.</param>
    /// <param name="realm">The realm, as it came.</param>
    /// <param name="insecure">To whom plain http is spoken, and who may point into a private network.</param>
    /// <param name="address">The realm as an address.</param>
    internal static string? RealmProblem(Uri challenger, string? realm, InsecureHosts insecure, out Uri address)
    {
        address = challenger;
        if (realm is null)
        {
            return "the challenge has no realm";
        }

        if (!Uri.TryCreate(realm, UriKind.Absolute, out var target) || target.Scheme is not ("https" or "http") || target.IdnHost.Length == 0)
        {
            return "the realm is not an https address";
        }

        address = target;
        return target.UserInfo.Length > 0 ? "the realm carries a user name"
            : target.Scheme == "http" && (challenger.Scheme != "http" || !insecure.MaySpeakHttp(target)) ? "the realm is not an https address"
            : AddressRules.IsLinkLocal(target.IdnHost) ? "the realm is a link-local address"
            : AddressRules.IsPrivate(target.IdnHost) && !SamePlace(challenger, target) && !insecure.Contains(challenger) ? "the realm is a private address other than the registry's"
            : null;
    }

    /// <summary>
    /// The same host and port; on this machine the same host is enough, for a registry and its token server under test. Other
    /// loopback addresses than localhost's are other hosts.
    /// </summary>
    private static bool SamePlace(Uri a, Uri b) =>
        (a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase))
        || (AddressRules.IsLocalhost(a.IdnHost) && AddressRules.IsLocalhost(b.IdnHost));
}
