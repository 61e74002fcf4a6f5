using Orca.Core.Errors;

namespace Orca.Registry.Remote.Logins;

/// <summary>Logins from the files that docker login, podman login and orca login write, and from the credential helpers that those name.</summary>
/// <remarks>A file is read when a registry asks for a login, not before.</remarks>
internal sealed class AuthFileCredentials(AuthFiles files, CredentialProgram programs) : ICredentialSource
{
    /// <inheritdoc/>
    public void RequireNamed() => files.RequireNamed();

    /// <inheritdoc/>
    public async ValueTask<Credential?> FindAsync(string registry, string repository, CancellationToken cancellationToken)
    {
        foreach (var file in files.All())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = file.Path;
            var entry = AuthFileReader.Find(file.Bytes, registry, repository, path);
            if (entry.Credential is not null && file.IsOpenToOthers)
            {
                files.Note($"'{Quoted.Text(path)}' holds logins and may be read by others; type: chmod 600 '{Quoted.Text(path)}'");
            }

            if (await FindAsync(entry, registry, path, cancellationToken).ConfigureAwait(false) is { } credential)
            {
                return credential;
            }
        }

        return null;
    }

    private async ValueTask<Credential?> FindAsync(AuthFileEntry entry, string registry, string path, CancellationToken cancellationToken)
    {
        if (entry.Credential is { } credential)
        {
            return credential;
        }

        if (entry.Helper is { } helper)
        {
            return await programs.GetAsync(helper, registry, path, cancellationToken).ConfigureAwait(false);
        }

        if (entry.Store is not { } store)
        {
            return null;
        }

        if (!programs.Exists(store))
        {
            // Files are copied to machines whose desktop they were not made on: public images must go on working there.
            files.Note($"'{Quoted.Text(path)}' keeps logins with 'docker-credential-{Quoted.Text(store)}', which is not on this machine: no login is used");
            return null;
        }

        return await programs.GetAsync(store, registry, path, cancellationToken).ConfigureAwait(false);
    }
}
