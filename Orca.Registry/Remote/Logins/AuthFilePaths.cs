using System.Globalization;

namespace Orca.Registry.Remote.Logins;

/// <summary>Where logins lie: the files of docker and podman, in the order in which they are looked through.</summary>
/// <remarks>
/// Source: containers-auth.json(5). <c>$REGISTRY_AUTH_FILE</c> stands for all others; else <c>auth.json</c> in <c>$XDG_RUNTIME_DIR/containers</c>, in <c>/run/containers/UID</c>, in
/// <c>$XDG_CONFIG_HOME/containers</c> (<c>~/.config/containers</c>); then <c>config.json</c> in <c>$DOCKER_CONFIG</c>, else in <c>~/.docker</c>.
/// </remarks>
internal sealed class AuthFilePaths(Func<string, string?> environment, uint uid, string? chosen = null)
{
    private const string FileVariable = "REGISTRY_AUTH_FILE", DirectoryVariable = "DOCKER_CONFIG";

    /// <summary>All files, the first that knows a registry counts.</summary>
    internal IEnumerable<AuthFilePath> All()
    {
        if (Chosen is { } only)
        {
            yield return new AuthFilePath(only, string.IsNullOrEmpty(chosen) ? FileVariable : "--authfile");
            yield break;
        }

        if (Value("XDG_RUNTIME_DIR") is { } runtime)
        {
            yield return new AuthFilePath(Path.Combine(runtime, "containers", "auth.json"));
        }

        yield return new AuthFilePath(string.Create(CultureInfo.InvariantCulture, $"/run/containers/{uid}/auth.json"));
        if (ConfigHome(environment) is { } config)
        {
            yield return new AuthFilePath(Path.Combine(config, "containers", "auth.json"));
        }

        if (Docker is { } docker)
        {
            yield return new AuthFilePath(docker, Value(DirectoryVariable) is null ? null : DirectoryVariable);
        }
    }

    /// <summary>The file that a login goes into when none holds one for its registry yet; null when there is no home to keep it in.</summary>
    /// <remarks>docker's: docker and podman read it too.</remarks>
    internal string? Default => Chosen ?? Docker;

    /// <summary><c>$XDG_CONFIG_HOME</c>, else <c>~/.config</c>; null without a home.</summary>
    internal static string? ConfigHome(Func<string, string?> environment) =>
        environment("XDG_CONFIG_HOME") is { Length: > 0 } config ? config
        : environment("HOME") is { Length: > 0 } home ? Path.Combine(home, ".config") : null;

    private string? Chosen => string.IsNullOrEmpty(chosen) ? Value(FileVariable) : chosen;

    private string? Docker => Value(DirectoryVariable) is { } directory ? Path.Combine(directory, "config.json")
        : Value("HOME") is { } home ? Path.Combine(home, ".docker", "config.json") : null;

    private string? Value(string name) => environment(name) is { Length: > 0 } value ? value : null;
}

/// <summary>The path of one file of logins.</summary>
/// <param name="Path">The path.</param>
/// <param name="NamedBy">The option or variable by which the user named it, so that it must be there; null for a default place.</param>
internal readonly record struct AuthFilePath(string Path, string? NamedBy = null)
{
    /// <summary>True when the user named only the directory: the file in it comes with the first login.</summary>
    internal bool IsInNamedDirectory => NamedBy == "DOCKER_CONFIG";
}
