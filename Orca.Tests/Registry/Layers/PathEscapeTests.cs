using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>Group P: archives that try to get out. Each runs as one layer and cut in two; the tripwires around the root decide.</summary>
public sealed class PathEscapeTests
{
    private static readonly string Up15 = string.Concat(Enumerable.Repeat("../", 15));

    /// <summary>One entry, so that an archive can be cut between any two.</summary>
    private delegate TarBuilder Step(TarBuilder archive);

    private static Step File(string name, string text = "new") => a => a.File(name, text);

    private static Step Dir(string name, uint mode = 0x1ED) => a => a.Dir(name, mode);

    private static Step Link(string name, string target) => a => a.Link(name, target);

    private static Step Hard(string name, string target) => a => a.Hard(name, target);

    /// <summary>Expected: <c>path=text</c> of files, <c>path==other</c> for one inode with two names, <c>path->target</c>; or <c>!words</c> of the refusal; or nothing.</summary>
    private static TestCaseData Case(string id, string expected, params Step[] steps) => new TestCaseData(steps, expected).SetName($"Escape_{id}");

    private static IEnumerable<TestCaseData> Cases()
    {
        Step[] etc = [Dir("etc"), File("etc/passwd", "root's")];
        yield return Case("P01_Cve_2026_46703_absolute_symlink_then_write", "etc/unbroken=new", Dir("etc"), Link("localetc", "/etc"), File("/localetc/unbroken"));
        yield return Case("P02_SymlinkUpAndOut", "etc/unbroken=new", Dir("etc"), Dir("dummy"), Link("localetc", "/dummy/../etc"), File("/localetc/unbroken"));
        yield return Case("P03_SymlinkUpAndOut_Missing", "", Dir("etc"), Link("localetc", "/dummy/../etc"), File("/localetc/unbroken"));
        yield return Case("P04_EmptiedThroughASymlink", "etc/emptied=", Dir("etc"), File("etc/emptied", "notempty"), Link("localetc", "/etc"), File("/localetc/emptied", ""));
        yield return Case("P05_HardLinkRelative", "breakouts/mypasswd==etc/passwd", [.. etc, Dir("breakouts"), Link("breakouts/d1", "../../etc"), Hard("breakouts/mypasswd", "/breakouts/d1/passwd")]);
        yield return Case("P07_HardLinkUpAndOut", "localpasswd==etc/passwd", [.. etc, Link("localetc", Up15 + "etc"), Hard("localpasswd", "/localetc/passwd")]);
        yield return Case("P07_HardLinkUpAndOutOfADirectory", "localpasswd==etc/passwd", [.. etc, Link("localetc", "upandout/../../../etc"), Dir("upandout"), Hard("localpasswd", "/localetc/passwd")]);
        yield return Case("P08_HardLinkDirectRelative", "localpasswd==etc/passwd", [.. etc, Hard("localpasswd", Up15 + "etc/passwd")]);
        yield return Case("P09_SymlinkNamedDotDot", "!root", [.. etc, Link("..", "/etc/"), Hard("localpasswd", "passwd")]);
        yield return Case("P09_SymlinkWithoutName", "!root", [.. etc, Link("/", "/etc/"), Hard("localpasswd", "passwd")]);
        yield return Case("P09_SymlinkParentDotDot", "localetc->/etc/", [.. etc, Link("localetc/sub/..", "/etc/")]);
        foreach (var name in new[] { "../pwned", "../../pwned", "a/../../pwned", "/../pwned", "./../pwned", Up15 + "pwned", "a/b/../../../../pwned" })
        {
            yield return Case($"P10_Cve_2026_20613_Cve_2026_42574_{name.Replace('/', '|')}", "pwned=new", File(name));
        }

        yield return Case("P10_DotDot", "!root", File(".."));
        yield return Case("P11_Cve_2026_44788_absolute", "etc/pwned=new;etc/x=new", File("/etc/pwned"), File("//etc//x"));
        yield return Case("P11_Literal", "C:\\x=new;\\..\\x=new;file:/x=new", File("C:\\x"), File("\\..\\x"), File("file:///x"));
        yield return Case("P12_HardLinkIntoASibling", "!link target", Hard("grab", "../root-evil/secret"));
        yield return Case("P12_SymlinkIntoASibling", "!link target", Link("evil", "../root-evil"), Hard("grab", "evil/secret"));
        yield return Case("P14_Cve_2026_23745_Cve_2026_26960_chain_up", "x==etc/passwd",
            [.. etc, Dir("a"), Dir("a/b"), Dir("a/b/c"), Link("a/b/c/up", Up15), Hard("x", "a/b/c/up/etc/passwd")]);
        yield return Case("P15_ChainOfLinks", "f=new", [.. Enumerable.Range(1, 20).Select(i => Link($"s{i}", i == 20 ? "." : $"s{i + 1}/..")), File("s1/f")]);
        yield return Case("P15_ChainOf41Links", "!ELOOP", [.. Enumerable.Range(1, 42).Select(i => Link($"s{i}", i == 42 ? "." : $"s{i + 1}")), File("s1/f")]);
        yield return Case("P15_LinkToItself", "!ELOOP", Link("s", "s"), File("s/f"));
        yield return Case("P16_Cve_2026_50163_hard_link_to_a_file_in_the_working_directory", "!link target", Hard("x", "secret"));
        yield return Case("P16_HardLinkToAHostFile", "!link target", Hard("x", "/etc/hostname"));
        yield return Case("P18_InvalidSymlinks", "victim/newdir/newfile=new", Link("loophole-victim", "../victim"), Dir("loophole-victim/newdir"), File("loophole-victim/newdir/newfile"));
        yield return Case("P18_SymlinkInADirectory", "victim/hello=new", Dir("dir"), Link("dir/loophole", "../../victim"), File("dir/loophole/hello"));
        yield return Case("P18_HardLinkThroughALoophole", "!link target", Dir("dir"), Link("dir/loophole", "../../victim"), Hard("dir/got", "dir/loophole/hello"));
        yield return Case("P18_SymlinkToAFile", "victim=new", Link("victim", "../victim/hello"), File("victim"));
        yield return Case("P19_EscapeThenAbsolute", "target/file=new", Link("escape", ".."), Link("absolute", "/target"), File("escape/absolute/file"));
        yield return Case("P21_SymlinkOverDirectory", "localetc/passwd=root's;mine==etc/passwd", [.. etc, Dir("localetc"), Link("localetc", "/etc"), Hard("mine", "localetc/passwd")]);
        yield return Case("P22_DirectoryOverSymlink", "localetc/passwd==etc/passwd", [.. etc, Link("localetc", "/etc"), Dir("localetc"), Hard("localetc/passwd", "etc/passwd")]);
        yield return Case("P23_HardLinkToASymlink", "dup->/etc/passwd;dup==localpasswd;etc/passwd=root's", [Link("localpasswd", "/etc/passwd"), Hard("dup", "localpasswd"), .. etc]);
        yield return Case("P24_Cve_2021_32760_hard_link_to_a_symlink_with_a_mode", "x->/victim/hello", Link("evil", "/victim/hello"), a => a.Hard("x", "evil", new() { Mode = TarBuilder.Octal(0x1FF, 8) }));
        yield return Case("P25_FileOverSymlink", "evil=new", Link("evil", "../victim/hello"), File("evil"));
        yield return Case("P26_SymlinkWithAttributes", "evil->/etc/hostname", a => a.Xattr("user.x", [1]).Link("evil", "/etc/hostname", new() { Mode = TarBuilder.Octal(0xFFF, 8), Time = TarBuilder.Octal(5, 12) }));
        yield return Case("P26_SymlinkWithAttributesToAVictim", "evil->../victim/hello", a => a.Xattr("user.x", [1]).Link("evil", "../victim/hello", new() { Mode = TarBuilder.Octal(0xFFF, 8), Time = TarBuilder.Octal(5, 12) }));
        yield return Case("P28_DirectoryOverSymlink", "", Link("dir", "../victim"), Dir("dir", 0x1FF));
        foreach (var prefix in new[] { "/", "/../", "/" + Up15, "/./.././", "../", Up15 })
        {
            yield return Case($"P29_Scoping_{prefix.Replace('/', '|')}", "victim/hello=new", Link("link", prefix + "victim"), File("link/hello"));
        }

        yield return Case("L60_Cve_2021_29136_symlink_named_dot", "!root", Link(".", "/etc"), File("passwd"));
        foreach (var name in new[] { "", "/", "./", "././", "foo/..", "//", ".." })
        {
            yield return Case($"L61_L62_Cve_2021_29136_symlink_{name.Replace('/', '|')}", "!root", Link(name, "../victim"), File("hello"));
            yield return Case($"L61_L62_File_{name.Replace('/', '|')}", "!root", File(name));
            yield return Case($"L61_L62_HardLink_{name.Replace('/', '|')}", "!root", File("a"), Hard(name, "a"));
            yield return Case($"L61_L62_Fifo_{name.Replace('/', '|')}", "!root", a => a.Fifo(name));
        }
    }

    private static IEnumerable<TestCaseData> Cut() => Cases().SelectMany(data => new[] { false, true }
        .Select(two => new TestCaseData(data.Arguments[0], data.Arguments[1], two).SetName($"{data.TestName}_{(two ? "TwoLayers" : "OneLayer")}")));

    [TestCaseSource(nameof(Cut))]
    public void Escape_IsConfined(object entries, string expected, bool twoLayers)
    {
        var steps = (Step[])entries;
        using var bench = new LayerBench();
        var cut = twoLayers ? Math.Max(1, steps.Length - 1) : steps.Length;
        byte[][] layers = [Build(steps[..cut]), Build(steps[cut..])];
        if (expected.StartsWith('!'))
        {
            Assert.That(bench.Refusal(layers), Does.Contain(expected[1..]));
            return;
        }

        bench.Flatten(layers);
        foreach (var fact in expected.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            Check(bench, fact);
        }
    }

    private static void Check(LayerBench bench, string fact)
    {
        if (fact.Split("==") is [var one, var other])
        {
            Assert.That(bench.Status(one).Inode, Is.EqualTo(bench.Status(other).Inode));
        }
        else if (fact.Split("->") is [var link, var target])
        {
            Assert.That(bench.List()[link], Is.EqualTo("l " + target));
        }
        else if (fact.Split('=') is [var path, var text])
        {
            Assert.That(FollowedText(bench, path), Is.EqualTo(text));
        }
    }

    /// <summary>The text of a file; the first component may be a link inside the root.</summary>
    private static string FollowedText(LayerBench bench, string path) =>
        bench.List().TryGetValue(path, out var line) ? line.Split(' ', 3)[2] : bench.Text(path.Replace("localetc/", "etc/", StringComparison.Ordinal));

    /// <summary>The archives that are refused, and why.</summary>
    internal static IEnumerable<(string Name, byte[] Archive, string Words)> Refused() => Cases().Where(data => ((string)data.Arguments[1]!).StartsWith('!'))
        .Select(data => (data.TestName!, Build((Step[])data.Arguments[0]!), ((string)data.Arguments[1]!)[1..]));

    private static byte[] Build(Step[] steps) => steps.Aggregate(new TarBuilder(), (archive, step) => step(archive)).Build();

    [Test]
    [NonParallelizable]
    public void Escape_P16_WorkingDirectory_IsNotConsulted()
    {
        using var bench = new LayerBench();
        var before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = Path.Combine(bench.Canary.Base, "cwd");
        try
        {
            Assert.That(bench.Refusal(new TarBuilder().Hard("x", "secret").Build()), Does.Contain("link target"));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [Test]
    public void Path_ThatLeadsAboveTheRoot_IsSaid()
    {
        using var bench = new LayerBench();
        bench.Flatten(new TarBuilder().File("a/../b").File("../c").Dir("/..").File("d/../../e").Build());
        Assert.That(bench.Paths(), Is.EqualTo("b c e"));
        Assert.That(bench.Summary.Warnings, Is.EqualTo(["took 3 paths that lead above the root, such as '../c', for paths below it"]));
    }
}
