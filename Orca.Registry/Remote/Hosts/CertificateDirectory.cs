using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orca.Core.Errors;
using Orca.Registry.Remote.Logins;

namespace Orca.Registry.Remote.Hosts;

/// <summary>What <c>certs.d/HOST:PORT</c> or <c>certs.d/HOST</c> says of a registry: authorities to trust besides the host's, and a certificate to show.</summary>
/// <remarks>
/// Sources: containers-certs.d(5); docker's "Verify repository client with certificates". <c>*.crt</c> are authorities; <c>NAME.cert</c> with <c>NAME.key</c> is the client's. Looked for
/// in <c>~/.config/containers</c>, <c>/etc/containers</c>, <c>~/.config/docker</c>, <c>/etc/docker</c>; the first directory that is there counts.
/// </remarks>
/// <param name="Authorities">Trusted besides those of the host.</param>
/// <param name="Client">Shown to the server when it asks; null for none.</param>
internal sealed record CertificateDirectory(X509Certificate2Collection Authorities, X509Certificate2? Client)
{
    /// <summary>Finds and reads the directory of a host; null when there is none.</summary>
    /// <exception cref="RegistryException">A file in it cannot be read, or a key or certificate has no counterpart.</exception>
    internal static CertificateDirectory? Find(Uri uri, Func<string, string?> environment, string root = "")
    {
        foreach (var name in (ReadOnlySpan<string>)[$"{uri.IdnHost}:{uri.Port}", uri.IdnHost])
        {
            foreach (var parent in Parents(environment, root))
            {
                var directory = Path.Combine(parent, "certs.d", name);
                if (Directory.Exists(directory))
                {
                    return Read(directory);
                }
            }
        }

        return null;
    }

    private static IEnumerable<string> Parents(Func<string, string?> environment, string root)
    {
        var config = AuthFilePaths.ConfigHome(environment);
        foreach (var tool in (string[])["containers", "docker"])
        {
            if (config is not null)
            {
                yield return Path.Combine(config, tool);
            }

            yield return $"{root}/etc/{tool}";
        }
    }

    private static CertificateDirectory Read(string directory)
    {
        var failure = $"cannot read the certificates in '{Quoted.Text(directory)}'";
        var authorities = new X509Certificate2Collection();
        X509Certificate2? client = null;
        var path = directory;
        try
        {
            var files = Directory.GetFiles(directory).Order(StringComparer.Ordinal).ToList();
            foreach (var file in files)
            {
                path = file;
                switch (Path.GetExtension(path))
                {
                    case ".crt":
                        AddAuthorities(authorities, path, failure);
                        break;
                    case ".cert":
                        client ??= ReadClient(path, failure);
                        break;
                    case ".key" when !files.Contains(Path.ChangeExtension(path, ".cert")):
                        throw new RegistryException($"{failure}: {Name(path)} has no certificate of the same name that ends in '.cert'", "an authority ends in '.crt', a client's certificate in '.cert'");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new RegistryException($"{failure}: {Name(path)}: {(e is CryptographicException ? "it, or its key, is no PEM, or is locked with a password" : "no access to it or its key")}", inner: e);
        }

        return new CertificateDirectory(authorities, client);
    }

    private static void AddAuthorities(X509Certificate2Collection authorities, string path, string failure)
    {
        var before = authorities.Count;
        authorities.ImportFromPemFile(path);
        if (authorities.Count == before)
        {
            throw new RegistryException($"{failure}: {Name(path)} has no certificate in PEM", "it begins with -----BEGIN CERTIFICATE-----");
        }
    }

    private static X509Certificate2 ReadClient(string path, string failure)
    {
        var key = Path.ChangeExtension(path, ".key");
        return File.Exists(key) ? X509Certificate2.CreateFromPemFile(path, key) : throw new RegistryException($"{failure}: {Name(path)} has no key of the same name that ends in '.key'");
    }

    private static string Name(string path) => $"'{Quoted.Text(Path.GetFileName(path))}'";
}
