using Orca.Core.Errors;
using Orca.Core.Host;
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
    private const string Variable = "CONTAINERS_REGISTRIES_CONF";

    /// <summary>Reads them all; with none, the policy says nothing.</summary>
    /// <param name="environment">Reads a variable.</param>
    /// <param name="root">Where the system's file system starts.</param>
    /// <param name="note">Hears of a file at a default place that is passed over.</param>
    /// <exception cref="RegistryException">The one that the variable names cannot be read, or one of them is not of its format.</exception>
    internal static RegistriesPolicy Read(Func<string, string?> environment, string root = "", Action<string>? note = null)
    {
        if (Chosen(environment) is { } named && HostFileReader.Problem(named) is { } problem)
        {
            throw Unreadable(named, problem);
        }

        return new(Files(environment, root, note).Select(static file => file.IsRead ? RegistriesReader.Read(file.Text, file.Path) : throw Unreadable(file.Path, file.Cause!)));
    }

    /// <summary>The files that count, the main one first: those of default places that can be read, and the one that the variable names, whether or not it can be.</summary>
    internal static IEnumerable<HostFile> Files(Func<string, string?> environment, string root, Action<string>? note)
    {
        var system = root + "/etc/containers";
        var user = AuthFilePaths.ConfigHome(environment) is { } config ? Path.Combine(config, "containers") : null;
        if (Chosen(environment) is { } chosen)
        {
            yield return HostFileReader.ReadNamed(chosen, MaxSize);
        }
        else if (FirstMain([user, system, root + "/usr/share/containers"], note) is { } main)
        {
            yield return main;
        }

        foreach (var directory in (string?[])[system, user])
        {
            foreach (var path in DropIns(directory, note))
            {
                if (Read(path, note) is { } file)
                {
                    yield return file;
                }
            }
        }
    }

    /// <summary>True when one of the files may set the key; those that cannot be read do not.</summary>
    /// <remarks>
    /// Every run of a short name asks, and nearly always the answer is no: so nothing is parsed, and what comes of it costs a few microseconds. A pipe is left for the one who
    /// parses it.
    /// </remarks>
    internal static bool MaySet(ReadOnlySpan<byte> key, Func<string, string?> environment, string root)
    {
        if (Chosen(environment) is { } chosen && HostFileReader.IsPipe(chosen))
        {
            return true;
        }

        foreach (var file in Files(environment, root, note: null))
        {
            if (MaySet(key, file.Content))
            {
                return true;
            }
        }

        return false;
    }

    private static string? Chosen(Func<string, string?> environment) => environment(Variable) is { Length: > 0 } chosen ? chosen : null;

    private static HostFile? FirstMain(string?[] directories, Action<string>? note)
    {
        foreach (var directory in directories)
        {
            if (directory is not null && Read(Path.Combine(directory, "registries.conf"), note) is { } file)
            {
                return file;
            }
        }

        return null;
    }

    private static HostFile? Read(string path, Action<string>? note)
    {
        var file = HostFileReader.ReadDefault(path, MaxSize);
        if (file.IsRead)
        {
            return file;
        }

        Tell(file, note);
        return null;
    }

    private static void Tell(HostFile file, Action<string>? note)
    {
        if (note is not null && file.Note("what it says of registries does not count") is { } text)
        {
            note(text);
        }
    }

    private static RegistryException Unreadable(string path, string cause) =>
        new($"cannot read '{Quoted.Text(path)}': {cause}", $"{Variable} names it: correct the path, or unset the variable");

    private static bool MaySet(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        for (int at; (at = text.IndexOf(key)) >= 0; text = text[(at + key.Length)..])
        {
            var before = text[..at];
            if (!before[(before.LastIndexOf((byte)'\n') + 1)..].Contains((byte)'#'))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> DropIns(string? directory, Action<string>? note)
    {
        if (directory is null)
        {
            return [];
        }

        var (listing, names) = HostFileReader.ListDefault($"{directory}/registries.conf.d");
        Tell(listing, note);
        return names.Where(static name => name.EndsWith(".conf", StringComparison.Ordinal)).Select(name => $"{listing.Path}/{name}");
    }
}
