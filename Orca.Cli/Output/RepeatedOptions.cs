using System.Text;
using Orca.Cli.Commands;
using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli.Output;

/// <summary>Repeats the options that decide which store and registries a command uses, in each command line that a message shows.</summary>
/// <remarks>Typed without <c>--root</c>, a hint such as <c>orca rmi -f NAME</c> would act on another store than the command that failed. All messages with command lines pass through here.</remarks>
internal static class RepeatedOptions
{
    private const string Program = "orca ", RootVariable = "ORCA_ROOT";

    /// <summary>Returns the text with <c>--root</c> and the registry options in its command lines, where the user gave them and the command takes them.</summary>
    /// <param name="text">A hint, a note or a repair.</param>
    /// <param name="options">What the user gave.</param>
    /// <param name="environment">Has ORCA_ROOT: a variable may be set for one command only, so it is repeated as an option.</param>
    public static string Complete(string text, GlobalOptions options, HostEnvironment? environment)
    {
        var root = options.Root ?? (environment?.Find(RootVariable) is { Length: > 0 } chosen ? chosen : null);
        if (root is null && options is { TlsVerify: null, AuthFile: null, ImageLimits.Count: 0 })
        {
            return text;
        }

        var complete = new StringBuilder();
        var done = 0;
        for (var at = text.IndexOf(Program, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Program, at + 1, StringComparison.Ordinal))
        {
            var name = Name(text.AsSpan(at + Program.Length));
            if (!BeginsCommand(text.AsSpan(0, at)) || Array.IndexOf(CommandTable.Names, name) < 0)
            {
                continue;
            }

            var rest = at + Program.Length + name.Length;
            var end = text.AsSpan(rest).IndexOfAny('\'', '|', '&') is >= 0 and var length ? rest + length : text.Length;
            complete.Append(text, done, at - done).Append(Command(name, text[rest..end], root, options, isQuoted: IsQuoted(text, at)));
            done = end;
        }

        return complete.Append(text, done, text.Length - done).ToString();
    }

    private static string Name(ReadOnlySpan<char> text) =>
        text[..(text.IndexOfAnyExceptInRange('a', 'z') is >= 0 and var end ? end : text.Length)].ToString();

    /// <summary>Whether a command line begins here: at the start of the text, after a quote or a colon, or after another command.</summary>
    private static bool BeginsCommand(ReadOnlySpan<char> before) =>
        before.IsEmpty || before is [.., '\''] || before.EndsWith(": ", StringComparison.Ordinal) || before.EndsWith("| ", StringComparison.Ordinal) || before.EndsWith("&& ", StringComparison.Ordinal);

    /// <summary>Whether the command line stands between quotes: the last word that begins with one is the line's first.</summary>
    private static bool IsQuoted(string text, int at)
    {
        var quote = text.AsSpan(0, at).LastIndexOf('\'');
        return quote >= 0 && text.AsSpan(quote + 1).StartsWith(Program, StringComparison.Ordinal);
    }

    private static string Command(string name, string rest, string? root, GlobalOptions options, bool isQuoted)
    {
        var line = new StringBuilder("orca");
        if (rest.Contains("--help", StringComparison.Ordinal))
        {
            return line.Append(' ').Append(name).Append(rest).ToString();
        }

        if (root is not null && UsesStore(name, rest))
        {
            line.Append(" --root ").Append(Word(root, isQuoted));
        }

        line.Append(' ').Append(name);
        foreach (var (option, value) in RegistryOptions(name, options))
        {
            if (!rest.Contains("--" + option.Name, StringComparison.Ordinal))
            {
                line.Append(" --").Append(option.Name).Append(option == RegistryOptionTable.TlsVerify ? '=' : ' ').Append(Word(value, isQuoted));
            }
        }

        return line.Append(rest).ToString();
    }

    /// <summary>Whether the command works on the user's store. The hint about 'system share' is for another user's.</summary>
    private static bool UsesStore(string name, string rest) => name switch
    {
        "login" or "logout" or "hello" or "version" or "help" => false,
        "doctor" => !rest.Contains("--apparmor-profile", StringComparison.Ordinal),
        "system" => !rest.StartsWith(" share", StringComparison.Ordinal),
        _ => true,
    };

    private static IEnumerable<(Option Option, string Value)> RegistryOptions(string name, GlobalOptions options)
    {
        if (options.AuthFile is { } file && name is ("run" or "pull" or "login" or "logout"))
        {
            yield return (RegistryOptionTable.AuthFile, file);
        }

        foreach (var limit in name is "run" or "pull" or "load" or "import" ? options.ImageLimits : [])
        {
            yield return (RegistryOptionTable.ImageLimit, limit);
        }

        if (options.TlsVerify is { } verify && name is ("run" or "pull" or "login"))
        {
            yield return (RegistryOptionTable.TlsVerify, verify ? "true" : "false");
        }
    }

    /// <summary>Returns the value as a shell reads it: in quotes, or with backslashes where the command line itself stands between quotes.</summary>
    private static string Word(string value, bool isQuoted)
    {
        const string Plain = "_-./:=@%+,";
        var word = ShellWords.Join(value) ?? "..."; // cannot be typed; that something is missing shows
        return isQuoted && word.StartsWith('\'')
            ? string.Concat(value.Select(static letter => char.IsAsciiLetterOrDigit(letter) || !char.IsAscii(letter) || Plain.Contains(letter, StringComparison.Ordinal) ? letter.ToString() : "\\" + letter))
            : word;
    }
}
