using System.Text;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Remote.Logins;
using static Tmds.Linux.LibC;

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
        foreach (var main in mains)
        {
            if (main is not null && (mains.Length == 1 || FileSystem.TryStatus(null, PathZ.From(NativeText.Encode(main)), out _) == Errno.None))
            {
                yield return main;
                break;
            }
        }

        foreach (var directory in (string?[])[system, user])
        {
            foreach (var path in DropIns(directory))
            {
                yield return path;
            }
        }
    }

    /// <summary>True when one of the files may set the key; those that cannot be read do not.</summary>
    /// <remarks>Every run of a short name asks, and nearly always the answer is no: so nothing is parsed, and what comes of it costs a few microseconds.</remarks>
    internal static bool MaySet(ReadOnlySpan<byte> key, Func<string, string?> environment, string root)
    {
        foreach (var path in Paths(environment, root))
        {
            if (TryRead(path, out var content) == Errno.None && MaySet(key, content))
            {
                return true;
            }
        }

        return false;
    }

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

    private static List<string> DropIns(string? directory)
    {
        if (directory is null || FileSystem.TryOpen(null, PathZ.From(NativeText.Encode($"{directory}/registries.conf.d")), O_RDONLY | O_DIRECTORY, out var opened) != Errno.None)
        {
            return [];
        }

        using (opened)
        {
            var names = new List<string>();
            foreach (var (name, _) in DirectoryReader.ReadAll(opened!))
            {
                if (name.AsSpan().EndsWith(".conf"u8))
                {
                    names.Add($"{directory}/registries.conf.d/{NativeText.Decode(name)}");
                }
            }

            names.Sort(StringComparer.Ordinal);
            return names;
        }
    }

    private static string Text(string path)
    {
        var error = TryRead(path, out var content);
        return error == Errno.None ? Encoding.UTF8.GetString(content) : throw new RegistryException($"cannot read '{Quoted.Text(path)}': {error switch
        {
            Errno.ENOENT => "there is no such file",
            Errno.EFBIG => $"it is larger than {MaxSize >> 20} MiB",
            Errno.EACCES or Errno.EPERM or Errno.EISDIR => "no access",
            _ => error.Describe(),
        }}");
    }

    private static Errno TryRead(string path, out byte[] content)
    {
        content = [];
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(path)), O_RDONLY | O_NONBLOCK, out var file);
        using (file)
        {
            try
            {
                content = error == Errno.None ? FileSystem.ReadAll(file!, MaxSize) : content;
                return error;
            }
            catch (LinuxException e)
            {
                return e.Errno;
            }
        }
    }
}
