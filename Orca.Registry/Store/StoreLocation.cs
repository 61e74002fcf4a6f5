using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Where a store lies: an absolute path on the host. The default value is no location.</summary>
internal readonly record struct StoreLocation
{
    private const int MaxPasswd = 16 << 20;

    private StoreLocation(string path) => Path = path;

    /// <summary>Absolute, without a slash at its end; bytes that are not UTF-8 as <see cref="NativeText"/> writes them.</summary>
    internal string Path { get; }

    /// <summary>The place a program asked for, else the one this user's environment names.</summary>
    /// <exception cref="StoreException">Nothing names a place.</exception>
    internal static StoreLocation Resolve(string? root) => Resolve(root, Variable, PasswdHome);

    /// <summary>As above, with the environment given.</summary>
    internal static StoreLocation Resolve(string? root, Func<string, string?> variable, Func<string?> passwdHome)
    {
        if ((Chosen(root) ?? Chosen(variable("ORCA_ROOT"))) is { } chosen)
        {
            return new StoreLocation(chosen);
        }

        // The XDG base directory specification: a relative path is invalid and to be ignored.
        if (variable("XDG_DATA_HOME") is ['/', ..] data)
        {
            return new StoreLocation(Clean(data + "/orca"));
        }

        var home = variable("HOME") is ['/', ..] named ? named : passwdHome();
        return home is ['/', ..]
            ? new StoreLocation(Clean(home + "/.local/share/orca"))
            : throw new StoreException("cannot find the store: HOME is not set and the user has no home directory", "say where to keep images with --root or ORCA_ROOT");
    }

    /// <summary>The stores behind the own one: those a program asked for, else those that <c>ORCA_STORES</c> names, separated by colons.</summary>
    internal static IReadOnlyList<StoreLocation> ResolveBehind(IReadOnlyList<string>? roots) => ResolveBehind(roots, Variable);

    /// <summary>As above, with the environment given.</summary>
    internal static IReadOnlyList<StoreLocation> ResolveBehind(IReadOnlyList<string>? roots, Func<string, string?> variable)
    {
        var chosen = roots ?? variable("ORCA_STORES")?.Split(':') ?? [];
        return chosen.Count == 0 ? [] : [.. chosen.Select(Chosen).OfType<string>().Select(static path => new StoreLocation(path)).Distinct()];
    }

    /// <summary>The path.</summary>
    public override string ToString() => Path;

    private static string? Chosen(string? root) => root switch
    {
        null or "" => null,
        ['/', ..] => Clean(root),
        _ => Clean(CurrentDirectory(root) + "/" + root),
    };

    /// <exception cref="StoreException">It was deleted, or lies where this user may not look.</exception>
    private static string CurrentDirectory(string root)
    {
        var error = FileSystem.TryCurrentDirectory(out var path);
        return error == Errno.None ? NativeText.Decode(path) : throw new StoreException(
            $"cannot find store '{Quoted.Text(root)}': it counts from the current directory, which cannot be read: {error.Describe()}",
            Orca.Core.Host.WorkingDirectory.Hint);
    }

    /// <summary>Without doubled slashes and '.'; '..' stays, because behind a symbolic link only the kernel knows what it means.</summary>
    private static string Clean(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return "/" + string.Join('/', parts.Where(static part => part != "."));
    }

    /// <summary>A variable; where .NET could not read its bytes as UTF-8, as the kernel has them.</summary>
    private static string? Variable(string name)
    {
        var text = Environment.GetEnvironmentVariable(name);
        if (text is null || !text.Contains('\uFFFD', StringComparison.Ordinal))
        {
            return text;
        }

        var prefix = name + "=";
        return ProcessImage.Variables().Select(static raw => NativeText.Decode(raw))
            .LastOrDefault(raw => raw.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..] ?? text;
    }

    private static string? PasswdHome()
    {
        var uid = CurrentUser.EffectiveUid.ToString(CultureInfo.InvariantCulture);
        return NativeText.Decode(HostFileReader.ReadDefault("/etc/passwd", MaxPasswd).Content).Split('\n')
            .Select(static line => line.Split(':'))
            .FirstOrDefault(fields => fields.Length >= 6 && fields[2] == uid)?[5];
    }
}
