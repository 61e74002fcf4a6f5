using System.Text;

namespace Orca.Registry.Remote;

/// <summary>A login. It never prints its password.</summary>
internal sealed class Credential(string user, string password)
{
    /// <summary>The user's name.</summary>
    internal string User { get; } = user;

    /// <summary>The value of an Authorization header with both.</summary>
    internal string ToBasic() => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{password}"));

    /// <summary>The user's name alone.</summary>
    public override string ToString() => User;
}
