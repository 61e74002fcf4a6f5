namespace Orca.Core.Errors;

/// <summary>Guesses what was meant.</summary>
public static class Suggestion
{
    /// <summary>The candidate that the word begins, else the one with the fewest edits; null when none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string? best = null;
        var fewest = Math.Min(2, word.Length / 2) + 1;
        foreach (var candidate in candidates)
        {
            var edits = word.Length >= 2 && candidate.StartsWith(word, StringComparison.Ordinal) ? 0 : Edits(word, candidate);
            if (edits < fewest)
            {
                (best, fewest) = (candidate, edits);
            }
        }

        return best;
    }

    /// <summary>How many letters must be added, dropped, changed or swapped with their neighbour (optimal string alignment).</summary>
    private static int Edits(string a, string b)
    {
        if (a.Length > 40 || b.Length > 40)
        {
            return int.MaxValue;
        }

        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
