using System.Globalization;
using Orca.Core.Errors;

namespace Orca.Core.Sandbox;

/// <summary>Reads a list of processors as Docker's <c>--cpuset-cpus</c> and cpuset(7) have it: <c>0-3,5</c>.</summary>
public static class ProcessorList
{
    /// <summary>How many processors a list can name.</summary>
    public const int Most = 1024;

    /// <summary>Sets the bit of each processor (sched_setaffinity(2)).</summary>
    /// <exception cref="ReferenceException">It is not such a list.</exception>
    public static void Fill(string text, Span<byte> set)
    {
        foreach (var part in text.Split(','))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            var first = Number(text, dash < 0 ? part : part[..dash]);
            var last = dash < 0 ? first : Number(text, part[(dash + 1)..]);
            if (last < first)
            {
                throw Wrong(text);
            }

            for (var i = first; i <= last; i++)
            {
                set[i / 8] |= (byte)(1 << (i % 8));
            }
        }
    }

    /// <summary>Returns the list when it is one.</summary>
    /// <exception cref="ReferenceException">It is not.</exception>
    public static string Check(string text)
    {
        Span<byte> set = stackalloc byte[Most / 8];
        Fill(text, set);
        return text;
    }

    private static int Number(string text, string part) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < Most ? number : throw Wrong(text);

    private static ReferenceException Wrong(string text) => new($"cannot use option '--cpuset-cpus': '{Quoted.Text(text)}' is not a list of processors such as 0-3,5");
}
