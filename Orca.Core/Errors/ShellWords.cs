using System.Text;

namespace Orca.Core.Errors;

/// <summary>Writes the command line of a hint so that a shell reads the same words again.</summary>
public static class ShellWords
{
    private const string Plain = "_-./:=@%+,";

    /// <summary>The words with a space between them, quoted where a shell would change them; null when one cannot be shown as it is.</summary>
    /// <remarks>A word with a control character, or too long for a message, cannot be typed from a terminal either: no command is better than a wrong one.</remarks>
    public static string? Join(params IEnumerable<string> words)
    {
        var line = new StringBuilder();
        foreach (var word in words)
        {
            if (Quoted.Text(word) != word)
            {
                return null;
            }

            line.Append(line.Length == 0 ? string.Empty : " ").Append(Quote(word));
        }

        return line.ToString();
    }

    private static string Quote(string word)
    {
        foreach (var letter in word)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && !Plain.Contains(letter, StringComparison.Ordinal))
            {
                return $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
            }
        }

        return word.Length == 0 ? "''" : word;
    }
}
