using System.Text;

namespace Orca.Registry.Remote.Logins;

/// <summary>A login: a user with a password, or with an identity token that a token server exchanges. It never prints either.</summary>
internal sealed class Credential(string user, string secret, bool isToken = false)
{
    /// <summary>The user that credential helpers name when the secret is an identity token.</summary>
    internal const string TokenUser = "<token>";

    /// <summary>The user's name; <see cref="TokenUser"/> when only a token is known.</summary>
    internal string User { get; } = user;

    /// <summary>True when the secret is an identity token.</summary>
    internal bool IsToken { get; } = isToken || user == TokenUser;

    /// <summary>The password or token; for the token server's form and the credential helper's input, nothing else.</summary>
    internal string Secret { get; } = secret;

    /// <summary>The value of an Authorization header with both.</summary>
    internal string ToBasic() => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Secret}"));

    /// <summary>The user's name alone.</summary>
    public override string ToString() => User;
}
