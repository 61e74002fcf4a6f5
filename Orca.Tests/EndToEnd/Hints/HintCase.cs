using System.Text.RegularExpressions;

namespace Orca.Tests.EndToEnd.Hints;

/// <summary>One hint, how it is provoked, and how what it says is done. Scripts are for sh; <c>$busybox</c> is an image, and a container 'keep' has changes that must survive.</summary>
/// <param name="Hint">The text in the sources, with <c>{}</c> for what is filled in.</param>
/// <param name="Provoke">Fails, with the hint as its last message.</param>
internal sealed partial record HintCase(string Hint, string Provoke)
{
    /// <summary>What is prepared first.</summary>
    public string Before { get; init; } = "true";

    /// <summary>How the hint is followed; <c>$1</c> is its last command line, <c>$2</c> and so on are what is between quotes, and <c>$hint</c> is all of it. By default the last command line is run as it is.</summary>
    public string Follow { get; init; } = "eval \"$1\"";

    /// <summary>What must hold afterwards; by default the command line that failed succeeds.</summary>
    public string? After { get; init; }

    /// <summary>What the words in capitals of a hint stand for.</summary>
    public (string Word, string Value)[] Words { get; init; } = [];

    /// <summary>Returns the hint in what a failed command printed; null when it is not there. The options that a hint repeats are not part of its text.</summary>
    public string? Find(string errors)
    {
        var line = errors.Split('\n').LastOrDefault(static line => Mark().IsMatch(line)) is { } found ? Mark().Replace(found, string.Empty) : null;
        var pattern = string.Join(".*", Hint.Split("{}").Select(Regex.Escape)).Replace(@"orca\ ", @"orca\ (?:--root\ .*?\ )?", StringComparison.Ordinal);
        return line is not null && Regex.IsMatch(line, pattern, RegexOptions.CultureInvariant) ? line : null;
    }

    /// <summary>The command line at the end of a hint, and all that it quotes.</summary>
    public IReadOnlyList<string> Commands(string hint)
    {
        var quoted = Quotes().Matches(hint).Select(static match => match.Groups[1].Value).ToList();
        var tail = hint.LastIndexOf(": ", StringComparison.Ordinal) is >= 0 and var colon ? hint[(colon + 2)..] : quoted.LastOrDefault() ?? hint;
        tail = tail.Length > 1 && tail[1..].IndexOf('\'') == tail.Length - 2 && tail[0] == '\'' ? tail[1..^1] : tail; // all of it is one quotation
        return [Filled(tail), .. quoted.Select(Filled)];
    }

    public override string ToString() => $"{Provoke.ReplaceLineEndings(" ")} -> {Hint}";

    private string Filled(string command) => Words.Aggregate(command, static (text, word) => Regex.Replace(text, $@"\b{word.Word}\b", word.Value));

    /// <summary>What a hint of an error, a repair of 'orca system check', and a cure of 'orca doctor' begin with.</summary>
    [GeneratedRegex("^ *(?:hint|repair|cure): ")]
    private static partial Regex Mark();

    [GeneratedRegex("(?<![a-zA-Z])'([^']+)'(?![a-zA-Z])")]
    private static partial Regex Quotes();
}
