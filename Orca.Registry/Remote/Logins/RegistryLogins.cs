using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Remote.Hosts;

namespace Orca.Registry.Remote.Logins;

/// <inheritdoc cref="IRegistryLogins"/>
/// <param name="files">The files of logins.</param>
/// <param name="programs">The credential helpers.</param>
/// <param name="sessions">Asks registries.</param>
/// <param name="policy">What registries.conf says.</param>
/// <param name="verifies">What the user says of checking registries; null for nothing.</param>
internal sealed class RegistryLogins(AuthFiles files, CredentialProgram programs, SessionCatalog sessions, Lazy<RegistriesPolicy> policy, bool? verifies) : IRegistryLogins
{
    /// <inheritdoc/>
    public async Task<string> LoginAsync(string registry, string user, string password, CancellationToken cancellationToken)
    {
        var name = Name(registry, "log in to");
        var failure = $"cannot log in to '{name}'";
        if (user.Length == 0 || user.Contains(':', StringComparison.Ordinal) || password.Length == 0)
        {
            throw new RegistryException($"{failure}: {(password.Length == 0 ? "the password is empty" : "a user's name is not empty and has no ':'")}");
        }

        var path = FindFile(name, failure);
        var credential = new Credential(user, password);
        using (var session = sessions.Open(name, new OneLogin(credential), IsInsecure(name)))
        {
            await session.PingAsync(failure, cancellationToken).ConfigureAwait(false);
        }

        var file = AuthFiles.ReadToWrite(path)?.Bytes ?? [];
        if (AuthFileReader.Find(file, name, string.Empty, path) is { Helper: var helper, Store: var store } && (helper ?? store) is { } program)
        {
            await programs.StoreAsync(program, name, credential, cancellationToken).ConfigureAwait(false);
            return "docker-credential-" + program;
        }

        AuthFile.Write(path, AuthFileEditor.With(file, name, credential, path), failure);
        return path;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> LogoutAsync(string registry, CancellationToken cancellationToken)
    {
        var name = Name(registry, "log out of");
        var places = new List<string>();
        foreach (var file in files.All())
        {
            var path = file.Path;
            var entry = AuthFileReader.Find(file.Bytes, name, string.Empty, path);
            if ((entry.Helper ?? entry.Store) is { } program && programs.Exists(program)
                && await programs.GetAsync(program, name, path, cancellationToken).ConfigureAwait(false) is not null)
            {
                await programs.EraseAsync(program, name, cancellationToken).ConfigureAwait(false);
                places.Add("docker-credential-" + program);
            }

            if (AuthFileEditor.Without(file.Bytes, name, path) is { } rest)
            {
                AuthFile.Write(path, rest, $"cannot log out of '{name}'");
                places.Add(path);
            }
        }

        return places;
    }

    /// <summary>The first file that has a login for the registry, since it is the one that counts; else the default one.</summary>
    private string FindFile(string name, string failure)
    {
        foreach (var file in files.AllToWrite())
        {
            if (AuthFileEditor.Without(file.Bytes, name, file.Path) is not null)
            {
                return file.Path;
            }
        }

        return files.Default ?? throw new RegistryException($"{failure}: there is no file to keep it in, because HOME is not set", "name one in REGISTRY_AUTH_FILE");
    }

    private bool IsInsecure(string name) => verifies is { } asked ? !asked
        : policy.Value.Places(ImageReference.Parse(name + "/any"), $"cannot log in to '{name}'")[^1].IsInsecure;

    private static string Name(string registry, string verb)
    {
        var name = AuthFileReader.Normal(registry);
        return ImageReference.TryParse(name + "/any", out var reference) && reference.Registry == name ? name
            : throw new ReferenceException($"cannot {verb} '{Quoted.Text(registry)}': it is no registry's host name with an optional port", "for example 'docker.io' or 'localhost:5000'");
    }

    private sealed class OneLogin(Credential credential) : ICredentialSource
    {
        public ValueTask<Credential?> FindAsync(string registry, string repository, CancellationToken cancellationToken) => new(credential);
    }
}
