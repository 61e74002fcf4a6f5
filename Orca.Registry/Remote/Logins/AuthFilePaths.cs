using System.Globalization;

namespace Orca.Registry.Remote.Logins;

/// <summary>Where logins lie: the files of docker and podman, in the order in which they are looked through.</summary>
/// <remarks>
/// Source: containers-auth.json(5). <c>$REGISTRY_AUTH_FILE</c> stands for all others; else <c>auth.json</c> in <c>$XDG_RUNTIME_DIR/containers</c>, in <c>/run/containers/UID</c>, in
/// <c>$XDG_CONFIG_HOME/containers</c> (<c>~/.config/containers</c>); then <c>config.json</c> in <c>$DOCKER_CONFIG</c>, else in <c>~/.docker</c>.
/// </remarks>
internal sealed class AuthFilePaths(Func<string, string?> environment, uint uid, string? chosen = null)
{
    /// <summary>All files, the first that knows a registry counts.</summary>
    internal IEnumerable<string> All()
    {
        if (Chosen is { } only)
        {
            yield return only;
            yield break;
        }

        if (Value("XDG_RUNTIME_DIR") is { } runtime)
        {
            yield return Path.Combine(runtime, "containers", "auth.json");
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"/run/containers/{uid}/auth.json");
        if (ConfigHome(environment) is { } config)
        {
            yield return Path.Combine(config, "containers", "auth.json");
        }

        if (Docker is { } docker)
        {
            yield return docker;
        }
    }

    /// <summary>The file that a login goes into when none holds one for its registry yet; null when there is no home to keep it in.</summary>
    /// <remarks>docker's: docker and podman read it too.</remarks>
    internal string? Default => Chosen ?? Docker;

    /// <summary><c>$XDG_CONFIG_HOME</c>, else <c>~/.config</c>; null without a home.</summary>
    internal static string? ConfigHome(Func<string, string?> environment) =>
        environment("XDG_CONFIG_HOME") is { Length: > 0 } config ? config
        : environment("HOME") is { Length: > 0 } home ? Path.Combine(home, ".config") : null;

    private string? Chosen => string.IsNullOrEmpty(chosen) ? Value("REGISTRY_AUTH_FILE") : chosen;

    private string? Docker => Value("DOCKER_CONFIG") is { } directory ? Path.Combine(directory, "config.json")
        : Value("HOME") is { } home ? Path.Combine(home, ".docker", "config.json") : null;

    private string? Value(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
