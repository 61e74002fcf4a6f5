using NUnit.Framework;
using Orca.Tests.Architecture;

namespace Orca.Tests.EndToEnd;

/// <summary>
/// What a program finds inside: the facts of Fixtures/inside.sh, beside those that the same program has found in containers of docker and podman
/// (Fixtures/inside.tsv), and the page that gives the reason of each difference (docs/inside.md).
/// </summary>
/// <remarks>The page is made of the table by <c>ORCA_UPDATE_GOLDENS=1</c>.</remarks>
[Category("EndToEnd")]
public sealed class InsideTests
{
    private const string Probe = "/inside.sh";
    private static readonly string s_script = Fixture.Script("inside.sh");
    private static readonly InsideTable s_table = InsideTable.Read(Fixture.Script("inside.tsv"));

    [TestCase("all")]
    [TestCase("user", "-u", "1234", "-w", "/srv")]
    [TestCase("keep-id", "--userns=keep-id")]
    public void Facts_AreThoseOfTheTable(string run, params string[] options) => Compare(run, World.Shared
        .Orca(["run", .. options, "-v", Script + ":" + Probe, World.Debian, "sh", Probe, run == "keep-id" ? "user" : run]).Under(["prlimit", .. Limits]).Run().Succeeds().Output);

    [TestCase("terminal")]
    [TestCase("terminal-user", "-u", "1234")]
    public void Facts_OfATerminal_AreThoseOfTheTable(string run, params string[] options)
    {
        // script(1) is the caller's terminal; what it adds to the lines is its own.
        var line = string.Join(' ', (string[])["exec", World.Binary, "run", .. options, "-v", Script + ":" + Probe, World.Debian, "sh", Probe, "terminal"]);
        // Its input stays open: script would type an end of file else.
        using var running = World.Shared.Program("script", "-qec", line, "/dev/null").With("TERM", "xterm").Start();
        Compare(run, running.Wait().Succeeds().Output.Replace("\r", "", StringComparison.Ordinal));
    }

    [Test]
    public void Table_HasAReasonForEachDifference() => Assert.That(s_table.Rows.Where(row => row.IsDifferent && row.Reason.Length == 0).Select(row => row.Fact), Is.Empty);

    [Test]
    public void Page_IsThatOfTheTable()
    {
        var path = Path.Combine(Repository.Root, "docs", "inside.md");
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(InsideTable.Begin, StringComparison.Ordinal);
        var expected = text[..begin] + s_table.Page();
        if (Environment.GetEnvironmentVariable("ORCA_UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.That(text, Is.EqualTo(expected));
    }

    private static string[] Limits => ["--nofile=1024:4096", "--nproc=30000:30000", "--core=0:unlimited", "--memlock=8388608", "--stack=8388608:unlimited", "--sigpending=20000", "--msgqueue=819200", "--as=unlimited", "--fsize=unlimited", "--nice=0"];

    /// <summary>The probe where the account can read it.</summary>
    private static string Script
    {
        get
        {
            var copy = Path.Combine(World.Root, "inside.sh");
            File.Copy(s_script, copy, overwrite: true);
            File.SetUnixFileMode(copy, (UnixFileMode)Convert.ToInt32("644", 8));
            return copy;
        }
    }

    private static void Compare(string run, string output)
    {
        var found = output.Split('\n').Select(line => line.Split('\t')).Where(line => line.Length == 2).ToDictionary(line => line[0], line => line[1].TrimEnd());
        var rows = s_table.Rows.Where(row => row.Run == run).ToList();
        Assert.That(found.Keys, Is.EquivalentTo(rows.Select(row => row.Fact)));
        Assert.Multiple(() =>
        {
            foreach (var row in rows.Where(row => row.Orca != InsideTable.Any))
            {
                var expected = row.Orca.Replace("{name}", World.User, StringComparison.Ordinal).Replace("{uid}", Id("-u"), StringComparison.Ordinal).Replace("{gid}", Id("-g"), StringComparison.Ordinal);
                Assert.That(found[row.Fact], Is.EqualTo(expected), row.Fact);
            }
        });
    }

    private static string Id(string option) => World.Tool("id", option, World.User).Output.Trim();
}
