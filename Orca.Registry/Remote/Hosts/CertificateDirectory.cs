using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orca.Core.Errors;
using Orca.Core.Host;
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
    private const int MaxSize = 4 << 20;

    /// <summary>Finds and reads the directory of a host; null when there is none.</summary>
    /// <param name="uri">An address of the host.</param>
    /// <param name="environment">Reads a variable.</param>
    /// <param name="root">Where the system's file system starts.</param>
    /// <param name="note">Hears of a directory or a file that is passed over since it cannot be read, as root's 0600 keys in /etc/docker.</param>
    /// <exception cref="RegistryException">A file in it is not PEM, or a key or certificate has no counterpart.</exception>
    internal static CertificateDirectory? Find(Uri uri, Func<string, string?> environment, string root = "", Action<string>? note = null)
    {
        foreach (var name in (ReadOnlySpan<string>)[$"{uri.IdnHost}:{uri.Port}", uri.IdnHost])
        {
            foreach (var parent in Parents(environment, root))
            {
                var directory = Path.Combine(parent, "certs.d", name);
                var (listing, names) = HostFileReader.ListDefault(directory);
                if (listing.IsRead)
                {
                    return Read(directory, names, note);
                }

                Tell(note, listing.Note("certificates in it are not used"));
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

    private static CertificateDirectory Read(string directory, IReadOnlyList<string> names, Action<string>? note)
    {
        var failure = $"cannot read the certificates in '{Quoted.Text(directory)}'";
        var authorities = new X509Certificate2Collection();
        X509Certificate2? client = null;
        var path = directory;
        try
        {
            foreach (var name in names)
            {
                path = Path.Combine(directory, name);
                switch (Path.GetExtension(path))
                {
                    case ".crt":
                        AddAuthorities(authorities, path, failure, note);
                        break;
                    case ".cert":
                        client ??= ReadClient(path, names, failure, note);
                        break;
                    case ".key" when !names.Contains(Path.ChangeExtension(name, ".cert")):
                        throw new RegistryException($"{failure}: {Name(path)} has no certificate of the same name that ends in '.cert'", "an authority ends in '.crt', a client's certificate in '.cert'");
                }
            }
        }
        catch (CryptographicException e)
        {
            throw new RegistryException($"{failure}: {Name(path)}: it, or its key, is no PEM, or is locked with a password", inner: e);
        }

        return new CertificateDirectory(authorities, client);
    }

    private static void AddAuthorities(X509Certificate2Collection authorities, string path, string failure, Action<string>? note)
    {
        if (Text(path, "authorities in it are not trusted", note) is not { } text)
        {
            return;
        }

        var before = authorities.Count;
        authorities.ImportFromPem(text);
        if (authorities.Count == before)
        {
            throw new RegistryException($"{failure}: {Name(path)} has no certificate in PEM", "it begins with -----BEGIN CERTIFICATE-----");
        }
    }

    private static X509Certificate2? ReadClient(string path, IReadOnlyList<string> names, string failure, Action<string>? note)
    {
        var key = Path.ChangeExtension(path, ".key");
        if (!names.Contains(Path.GetFileName(key)))
        {
            throw new RegistryException($"{failure}: {Name(path)} has no key of the same name that ends in '.key'");
        }

        const string consequence = "the registry is shown no certificate";
        return Text(path, consequence, note) is { } certificate && Text(key, consequence, note) is { } secret ? X509Certificate2.CreateFromPem(certificate, secret) : null;
    }

    /// <summary>A file of the directory; null when it cannot be read or is empty, which is noted.</summary>
    private static string? Text(string path, string consequence, Action<string>? note)
    {
        var file = HostFileReader.ReadDefault(path, MaxSize);
        var text = file.Text;
        var isEmpty = text.AsSpan().Trim().IsEmpty;
        Tell(note, isEmpty ? $"'{Quoted.Text(path)}' is passed over: {file.Cause ?? "it is empty"}; {consequence}" : null);
        return isEmpty ? null : text;
    }

    private static void Tell(Action<string>? note, string? text)
    {
        if (text is not null)
        {
            note?.Invoke(text);
        }
    }

    private static string Name(string path) => $"'{Quoted.Text(Path.GetFileName(path))}'";
}
