using Orca.Core.Errors;
using Orca.Registry.Remote.Logins;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Finds and reads registries.conf and its drop-ins, where podman does.</summary>
/// <remarks>
/// Source: containers-registries.conf(5), containers-registries.conf.d(5). <c>$CONTAINERS_REGISTRIES_CONF</c>, else the user's
/// <c>~/.config/containers/registries.conf</c>, else the system's <c>/etc/containers/registries.conf</c>; then <c>registries.conf.d/*.conf</c> of the system and of the
/// user, by name.
/// </remarks>
internal static class RegistriesFiles
{
    private const int MaxSize = 4 << 20;

    /// <summary>Reads them all; with none, the policy says nothing.</summary>
    /// <param name="environment">Reads a variable.</param>
    /// <param name="root">Where the system's file system starts.</param>
    /// <exception cref="RegistryException">One of them cannot be read.</exception>
    internal static RegistriesPolicy Read(Func<string, string?> environment, string root = "") =>
        new(Paths(environment, root).Select(path => RegistriesReader.Read(Text(path), path)));

    /// <summary>The files that are there, the main one first.</summary>
    internal static IEnumerable<string> Paths(Func<string, string?> environment, string root)
    {
        var system = root + "/etc/containers";
        var user = AuthFilePaths.ConfigHome(environment) is { } config ? Path.Combine(config, "containers") : null;
        string?[] mains = environment("CONTAINERS_REGISTRIES_CONF") is { Length: > 0 } chosen
            ? [chosen]
            : [user is null ? null : Path.Combine(user, "registries.conf"), Path.Combine(system, "registries.conf"), root + "/usr/share/containers/registries.conf"];
        if (Array.Find(mains, path => path is not null && (File.Exists(path) || path == environment("CONTAINERS_REGISTRIES_CONF"))) is { } main)
        {
            yield return main;
        }

        foreach (var directory in (string?[])[system, user])
        {
            foreach (var path in DropIns(directory))
            {
                yield return path;
            }
        }
    }

    private static IEnumerable<string> DropIns(string? directory)
    {
        try
        {
            return directory is null ? [] : Directory.GetFiles(Path.Combine(directory, "registries.conf.d"), "*.conf").Order(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Text(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxSize ? File.ReadAllText(path) : throw new RegistryException($"cannot read '{Quoted.Text(path)}': it is larger than {MaxSize >> 20} MiB");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RegistryException($"cannot read '{Quoted.Text(path)}': {(e is FileNotFoundException ? "there is no such file" : "no access")}", inner: e);
        }
    }
}
