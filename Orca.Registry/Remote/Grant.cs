namespace Orca.Registry.Remote;

/// <summary>What opens one repository of one registry, for a while.</summary>
/// <param name="Header">The Authorization header's value.</param>
/// <param name="Expires">When it ends; far away for a login itself.</param>
internal sealed record Grant(string Header, DateTimeOffset Expires)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"a grant until {Expires:O}";
}
