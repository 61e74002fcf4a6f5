using Orca.Core.Images;

namespace Orca.Core.Containers;

/// <summary>Chooses the kind of terminal that a container's programs are told they have: the caller's, where the image's terminfo knows it, else the nearest that it knows.</summary>
/// <remarks>
/// A kind that is not there makes programs end with "unknown terminal type" (terminfo(5)). New terminals bring kinds of their own, and all of them understand what
/// xterm does. An image without any terminfo has programs that know some kinds by heart, or treat every kind alike: it gets the caller's kind where that is a common one, else xterm, as in Docker.
/// </remarks>
internal static class TerminalProbe
{
    private const string Xterm = "xterm";
    private const string ManyColors = "-256color";

    private static readonly string[] s_places = ["/lib/terminfo/", "/usr/share/terminfo/", "/etc/terminfo/", "/usr/lib/terminfo/"];
    private static readonly string[] s_old = ["vt1", "vt2", "vt3", "vt4", "vt5", "dumb", "ansi", "cons", "sun", "wyse"];

    /// <summary>What every terminfo database has, and programs without one know by heart.</summary>
    private static readonly HashSet<string> s_base = new(StringComparer.Ordinal)
    {
        "ansi", "dumb", "linux", "rxvt", "screen", "screen-256color", "tmux", "tmux-256color", "vt100", "vt102", "vt220", "vt52", Xterm, "xterm-256color",
    };

    /// <summary>The value for TERM; what the run or the image says of it wins later.</summary>
    internal static string Look(ImageConfig image, ContainerFileReader files, RunOptions run, string? caller)
    {
        var term = IsName(caller) ? caller! : Xterm;
        if (term == Xterm || run.Process.Env.Any(Says) || image.Env.Any(Says) || Knows(files, term))
        {
            return term;
        }

        return Knows(files, Xterm) ? Nearest(term).First(kind => kind == Xterm || Knows(files, kind)) : s_base.Contains(term) ? term : Xterm;
    }

    /// <summary>From the most alike to what every terminal of today understands.</summary>
    private static IEnumerable<string> Nearest(string term)
    {
        var family = term.StartsWith("tmux", StringComparison.Ordinal) || term.StartsWith("screen", StringComparison.Ordinal) ? "screen"
            : term.StartsWith("rxvt", StringComparison.Ordinal) ? "rxvt" : Xterm;
        var isOld = s_old.Any(old => term.StartsWith(old, StringComparison.Ordinal)); // it understands less than xterm says
        return isOld ? ["vt100", "ansi", "dumb", Xterm] : [family + ManyColors, family, Xterm + ManyColors, Xterm];
    }

    /// <summary>A file in a directory named by the first letter.</summary>
    private static bool Knows(ContainerFileReader files, string kind)
    {
        foreach (var place in s_places)
        {
            if (files.Exists($"{place}{kind[0]}/{kind}"))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsName(string? term) =>
        term is { Length: > 0 and <= 64 } && term[0] != '.' && term.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '+');

    private static bool Says(string variable) => variable.StartsWith("TERM=", StringComparison.Ordinal);
}
