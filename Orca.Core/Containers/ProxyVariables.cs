namespace Orca.Core.Containers;

/// <summary>Hands the caller's proxies in, as podman does: on the host's network a program inside reaches the world as its caller does, or not at all.</summary>
/// <remarks>
/// An image is not trusted with a password: a proxy whose address has one is handed in only when that is asked for. Nothing is handed in without the host's network, and
/// nothing of it is remembered: a kept container gets the proxies of each run.
/// </remarks>
internal static class ProxyVariables
{
    private static readonly string[] s_names =
        ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"];

    /// <summary>The variables, <c>NAME=value</c>.</summary>
    /// <param name="run">What the run asks for.</param>
    /// <param name="variable">The caller's variables.</param>
    /// <param name="note">Hears which are withheld, in one line.</param>
    internal static IReadOnlyList<string> Look(RunOptions run, Func<string, string?> variable, Action<string>? note)
    {
        if (run.Network.HttpProxy == false || run.Network.Mode == NamespaceMode.Own)
        {
            return [];
        }

        List<string>? found = null, withheld = null;
        foreach (var name in s_names)
        {
            if (variable(name) is not { Length: > 0 } value || IsSaid(run, name))
            {
                continue;
            }

            if (run.Network.HttpProxy is null && HasPassword(value))
            {
                (withheld ??= []).Add(name);
            }
            else
            {
                (found ??= []).Add($"{name}={value}");
            }
        }

        if (withheld is not null)
        {
            note?.Invoke($"{string.Join(", ", withheld)} may hold a password, so the container does not get it: '--http-proxy' hands it in, '--http-proxy=false' says no");
        }

        return found ?? (IReadOnlyList<string>)[];
    }

    private static bool IsSaid(RunOptions run, string name) => run.Process.Env.Any(entry => entry.StartsWith(name, StringComparison.Ordinal) && entry.AsSpan(name.Length).StartsWith("="));

    /// <summary>True when the address names a user: what stands before an '@', up to the path. A list of hosts (no_proxy) has none.</summary>
    private static bool HasPassword(string value) => value.Contains('@', StringComparison.Ordinal);
}
