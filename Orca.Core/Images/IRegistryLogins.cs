namespace Orca.Core.Images;

/// <summary>The user's logins at registries, where docker and podman keep them too.</summary>
public interface IRegistryLogins
{
    /// <summary>Asks the registry whether the login is right, then keeps it in place of an older one.</summary>
    /// <remarks>Nothing is kept unless the registry took it. All else in the file stays; the file is replaced at once or not at all, and is for its owner only.</remarks>
    /// <param name="registry">The registry's name as in a reference, or an address as docker keeps it.</param>
    /// <param name="user">The user's name.</param>
    /// <param name="password">The password or access token; in no error and no log.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <returns>Where it is kept: a file, or a credential helper's name.</returns>
    /// <exception cref="Errors.RegistryException">The registry refuses, cannot be reached, or the login cannot be kept.</exception>
    Task<string> LoginAsync(string registry, string user, string password, CancellationToken cancellationToken);

    /// <summary>Forgets the login for a registry, wherever it is kept. Logins for paths below the registry stay.</summary>
    /// <returns>Where there was one; empty when there was none.</returns>
    /// <exception cref="Errors.RegistryException">A file or helper that has it cannot be changed.</exception>
    Task<IReadOnlyList<string>> LogoutAsync(string registry, CancellationToken cancellationToken);
}
