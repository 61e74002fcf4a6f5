namespace Orca.Registry.Remote.Logins;

/// <summary>Knows the user's logins.</summary>
internal interface ICredentialSource
{
    /// <summary>The login for a repository of a registry; null when there is none, which means: anonymously.</summary>
    /// <exception cref="Core.Errors.RegistryException">There may be one, but it cannot be read; the message holds no part of it.</exception>
    ValueTask<Credential?> FindAsync(string registry, string repository, CancellationToken cancellationToken);

    /// <summary>Fails when what the user named as the source of logins is not there; asked before the first request, so that nothing is fetched without a login that was meant to be sent.</summary>
    /// <exception cref="Core.Errors.RegistryException">It is missing or closed.</exception>
    void RequireNamed()
    {
    }
}
