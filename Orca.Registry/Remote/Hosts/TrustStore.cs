using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Finds the host's bundle of certificate authorities for a binary that carries its own OpenSSL.</summary>
/// <remarks>
/// The linked OpenSSL knows only the place of the system it was built on. <c>SSL_CERT_FILE</c> and <c>SSL_CERT_DIR</c> win when the user sets them; else the
/// first bundle that is there is named to OpenSSL through the same variable, in the C environment, where it looks.
/// </remarks>
internal static class TrustStore
{
    internal const string FileVariable = "SSL_CERT_FILE";
    internal const string DirectoryVariable = "SSL_CERT_DIR";

    private const string ConfigurationVariable = "OPENSSL_CONF";

    /// <summary>What to do when an authority is unknown.</summary>
    internal const string Hint = "if you trust it, name its certificate (PEM) in SSL_CERT_FILE";

    private static readonly string[] Bundles =
    [
        "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Gentoo, Alpine, NixOS
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL 7 and later
        "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, RHEL 6 and later
        "/var/lib/ca-certificates/ca-bundle.pem", // openSUSE, SLES
        "/etc/ssl/ca-bundle.pem", // openSUSE before
        "/etc/ssl/cert.pem", // Alpine
        "/etc/pki/tls/cert.pem", // CentOS
        "/etc/pki/tls/cacert.pem", // OpenELEC
        "/etc/certs/ca-certificates.crt", // Solus and others
        "/usr/share/ssl/certs/ca-bundle.crt",
        "/run/current-system/sw/etc/ssl/certs/ca-bundle.crt", // NixOS
    ];

    private static readonly string[] Directories = ["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs"];

    private static readonly Lazy<bool> Prepared = new(Prepare);

    /// <summary>Names the bundle to OpenSSL, once, and keeps the host's configuration of another OpenSSL away; call before the first use of TLS.</summary>
    internal static void Use() => _ = Prepared.Value;

    /// <summary>The variable to set and its value; null when the user's choice stands or the host has no bundle.</summary>
    /// <param name="variable">Reads the environment.</param>
    /// <param name="root">Where the host's file system starts.</param>
    internal static (string Name, string Value)? Choose(Func<string, string?> variable, string root)
    {
        if (!string.IsNullOrEmpty(variable(FileVariable)) || !string.IsNullOrEmpty(variable(DirectoryVariable)))
        {
            return null;
        }

        if (Array.Find(Bundles, path => HostFileReader.IsReadable(root + path)) is { } bundle)
        {
            return (FileVariable, root + bundle);
        }

        return Array.Find(Directories, path => HostFileReader.ListDefault(root + path).Listing.IsRead) is { } directory ? (DirectoryVariable, root + directory) : null;
    }

    /// <summary>Fails when the user named authorities that are not there: OpenSSL would trust nobody, and say that the registry is to blame.</summary>
    /// <exception cref="RegistryException">They cannot be read.</exception>
    internal static void RequireNamed(Func<string, string?> variable)
    {
        if (variable(FileVariable) is { Length: > 0 } file && HostFileReader.Problem(file) is { } problem)
        {
            throw Unreadable(FileVariable, file, problem);
        }

        if (variable(DirectoryVariable) is { Length: > 0 } list && list.Split(':', StringSplitOptions.RemoveEmptyEntries) is var directories
            && directories.All(static directory => !HostFileReader.ListDefault(directory).Listing.IsRead))
        {
            throw Unreadable(DirectoryVariable, list, directories.Length > 0 ? HostFileReader.ListDefault(directories[0]).Listing.Cause! : "it names no directory");
        }
    }

    private static RegistryException Unreadable(string variable, string value, string cause) =>
        new($"cannot read the certificate authorities in '{Quoted.Text(value)}': {cause}", $"{variable} names it: correct the path, or unset the variable to use those of this machine");

    private static bool Prepare()
    {
        RequireNamed(Environment.GetEnvironmentVariable);
        if (!CLibrary.IsStatic)
        {
            return false;
        }

        // The host's openssl.cnf may name providers: modules for another OpenSSL, which bring another C library into this process.
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ConfigurationVariable)))
        {
            CLibrary.SetVariable(ConfigurationVariable, "/dev/null");
        }

        if (Choose(Environment.GetEnvironmentVariable, string.Empty) is not { } choice)
        {
            return false;
        }

        CLibrary.SetVariable(choice.Name, choice.Value);
        return true;
    }
}
