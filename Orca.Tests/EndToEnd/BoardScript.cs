using System.Text;

namespace Orca.Tests.EndToEnd;

/// <summary>The checks as one script for a board, and its console taken apart: a mark before each check's output, and one with its status behind.</summary>
internal static class BoardScript
{
    public const string Ready = "@ready";
    private const string Begin = "@begin ", End = "@end ";

    /// <summary>$1 the number of the check, $2 the account, $3 where it reads and writes; without that its output is collected first.</summary>
    private const string Prelude = """
        stty -echo </dev/ttyAMA0
        chown pi /dev/ttyAMA0
        check() {
          cat >/tmp/check.sh
          echo "@begin $1"
          if [ "${3:-}" ]; then
            su -s /bin/sh "$2" -c 'cd; . /tmp/check.sh' <"$3" >"$3" 2>&1
          else
            su -s /bin/sh "$2" -c 'cd; . /tmp/check.sh' </dev/null >/tmp/check.out 2>&1
          fi
          status=$?
          [ "${3:-}" ] || cat /tmp/check.out
          echo
          echo "@end $1 $status"
        }
        echo @ready

        """;

    public static string Of(IReadOnlyList<BoardCheck> checks)
    {
        var script = new StringBuilder(Prelude);
        for (var i = 0; i < checks.Count; i++)
        {
            var terminal = checks[i].Typed is null ? "" : "/dev/ttyAMA0";
            script.Append(null, $"check {i} {(checks[i].AsRoot ? "root" : "pi")} {terminal} <<'END_OF_CHECK'\n{checks[i].Line}\nEND_OF_CHECK\n");
        }

        return script.ToString();
    }

    /// <summary>Output and status of each check that came to its end.</summary>
    public static Dictionary<int, (int Status, string Output)> Read(string console)
    {
        var found = new Dictionary<int, (int, string)>();
        var output = new StringBuilder();
        foreach (var line in console.Split('\n'))
        {
            // A line of the kernel's, or of a command that ends without a line feed, may stand before a mark.
            var mark = Math.Max(line.LastIndexOf(Begin, StringComparison.Ordinal), line.LastIndexOf(End, StringComparison.Ordinal));
            if (mark >= 0 && line.AsSpan(mark).StartsWith(Begin))
            {
                output.Clear();
            }
            else if (mark >= 0 && line[mark..].Split(' ') is [_, var number, var status])
            {
                found[int.Parse(number, null)] = (int.Parse(status, null), output.ToString().Trim('\n'));
            }
            else
            {
                output.Append(line.TrimEnd('\r')).Append('\n');
            }
        }

        return found;
    }
}
