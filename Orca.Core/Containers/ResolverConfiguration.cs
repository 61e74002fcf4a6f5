using System.Text;

namespace Orca.Core.Containers;

/// <summary>The container's resolv.conf(5).</summary>
internal static class ResolverConfiguration
{
    /// <summary>The host's, but for what the run says; of a container without network only what the run says.</summary>
    /// <param name="names">What the run says.</param>
    /// <param name="host">The host's file; null for a container without network.</param>
    internal static string Of(NameOptions names, string? host)
    {
        if (host is not null && !names.ChangesResolver)
        {
            return host;
        }

        var text = new StringBuilder();
        foreach (var line in (host ?? string.Empty).Split('\n'))
        {
            var keep = FirstWord(line) switch
            {
                "nameserver" => names.Servers.Count == 0,
                "search" or "domain" => names.Search.Count == 0,
                "options" => names.Resolver.Count == 0,
                _ => false,
            };
            if (keep)
            {
                text.Append(line.TrimEnd()).Append('\n');
            }
        }

        foreach (var server in names.Servers)
        {
            text.Append("nameserver ").Append(server).Append('\n');
        }

        AppendLine(text, "search", names.Search is ["."] ? [] : names.Search);
        AppendLine(text, "options", names.Resolver);
        return text.Length == 0 ? "# this container has no network\n" : text.ToString();
    }

    private static ReadOnlySpan<char> FirstWord(string line)
    {
        var trimmed = line.AsSpan().TrimStart();
        var end = trimmed.IndexOfAny(" \t\r");
        return end < 0 ? trimmed : trimmed[..end];
    }

    private static void AppendLine(StringBuilder text, string word, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            text.Append(word).Append(' ').AppendJoin(' ', values).Append('\n');
        }
    }
}
