using Microsoft.Extensions.Logging;
using Orca.Core.Errors;

namespace Orca.Registry.Remote;

/// <summary>Logins from the files that docker login and podman login write.</summary>
/// <remarks>
/// Looked through in this order, the first that knows the registry counts: <c>$REGISTRY_AUTH_FILE</c>; <c>config.json</c> in <c>$DOCKER_CONFIG</c>, else in
/// <c>~/.docker</c>. A file is read when a registry asks for a login, not before.
/// </remarks>
internal sealed class AuthFileCredentials(Func<string, string?> environment, ILogger<AuthFileCredentials> logger) : ICredentialSource
{
    private const int MaxSize = 4 << 20;
    private const UnixFileMode OpenToOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <inheritdoc/>
    public ValueTask<Credential?> FindAsync(string registry, string repository, CancellationToken cancellationToken)
    {
        foreach (var path in Paths())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Read(path) is { } json && AuthFileReader.Find(json, registry, repository, path) is { } credential)
            {
                return new ValueTask<Credential?>(credential);
            }
        }

        return default;
    }

    private IEnumerable<string> Paths()
    {
        if (environment("REGISTRY_AUTH_FILE") is { Length: > 0 } file)
        {
            yield return file;
        }

        if (environment("DOCKER_CONFIG") is { Length: > 0 } directory)
        {
            yield return Path.Combine(directory, "config.json");
        }
        else if (environment("HOME") is { Length: > 0 } home)
        {
            yield return Path.Combine(home, ".docker", "config.json");
        }
    }

    private byte[]? Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OpenToOthers) != 0)
            {
                logger.LogWarning("'{Path}' may be read by others; type: chmod 600 {Path}", Quoted.Text(path), Quoted.Text(path));
            }

            var length = RandomAccess.GetLength(file);
            if (length > MaxSize)
            {
                throw new RegistryException($"cannot read the logins in '{Quoted.Text(path)}': it is larger than {MaxSize >> 20} MiB");
            }

            var bytes = new byte[length];
            var read = RandomAccess.Read(file, bytes, 0);
            return bytes[..read];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new RegistryException($"cannot read the logins in '{Quoted.Text(path)}': no access", inner: e);
        }
    }
}
