using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Two options at once: both hold, or orca refuses them before anything starts, and names both.</summary>
[Category("EndToEnd"), NonParallelizable]
public sealed class OptionPairTests
{
    private const int Sample = 90;
    private static readonly string[] s_lastCounts = ["-u", "-w", "--userns"];
    private static readonly string[] s_samePlaces = ["/var/run /run", "/var/lock /run/lock"]; // on Debian, by a link
    private int _count;

    [Test]
    public void Pairs_OnBusybox() => Holds(World.Busybox);

    [Test]
    public void Pairs_OnDebian() => Holds(World.Debian);

    /// <summary>Three mounts at once, in the order in which they are typed.</summary>
    [Test]
    public void Triples_OfMounts()
    {
        var home = Prepare(World.Busybox);
        var wrong = Sampling.Of(OptionPairs.Triples, Sample).Select(rows => Problem(home, World.Busybox, rows)).OfType<string>().ToList();
        Assert.That(wrong, Is.Empty);
    }

    private void Holds(string image)
    {
        var home = Prepare(image);
        var wrong = Sampling.Of(OptionPairs.All, Sample).Select(pair => Problem(home, image, [pair.First, pair.Second])).OfType<string>().ToList();
        Assert.That(wrong, Is.Empty);
    }

    private static Home Prepare(string image)
    {
        var home = World.Shared;
        home.Shell("rm -rf pairs && mkdir pairs && cd pairs && mkdir -p d/sub d/lock d/orca etc/apt && echo text > f && for f in hosts hostname resolv.conf localtime; do cp f etc/$f; done && cp f d && cp f d/sub && cp f etc && cp f d/file").Succeeds();
        home.Orca("run", image, "true").Run().Succeeds(); // the image is there
        return home;
    }

    /// <summary>What is wrong with some options together; null when nothing is. A refusal names two of them.</summary>
    private string? Problem(Home home, string image, OptionRow[] rows)
    {
        var script = string.Concat(rows.Select((row, at) => $"{(rows[(at + 1)..].Any(later => later.Option == row.Option) && s_lastCounts.Contains(row.Option) ? ":" : Script(row, rows))} || exit {31 + at}; ")) + "echo done";
        var words = string.Join(' ', rows.Select(static row => row.Words)).Replace("D/", home.Directory + "/pairs/", StringComparison.Ordinal).Replace("%", $"{++_count}", StringComparison.Ordinal);
        var outcome = home.Orca(["run", .. words.Split(' '), image, "/bin/sh", "-c", script]).Run();
        var isRefused = outcome.Status == 125 && outcome.Errors.StartsWith("orca: cannot ", StringComparison.Ordinal) && !outcome.Errors.Contains(": step ", StringComparison.Ordinal)
            && rows.Count(row => outcome.Errors.Contains(row.Key, StringComparison.Ordinal)) > 1;
        return isRefused || (outcome.Status == 0 && outcome.Output.Trim() == "done") ? null : $"{words} {image}: {outcome.Status} {outcome.Output.Trim()} {outcome.Errors.Trim()}";
    }

    /// <summary>What is to hold of an option beside others, which may show something else where its script looks.</summary>
    private static string Script(OptionRow row, OptionRow[] rows) =>
        row.Looks is { } looks && rows.Any(other => other != row && other.Shows is { } shows && (IsAtOrBelow(looks, shows) || Array.Exists(s_samePlaces, pair => AreSame(pair, looks, shows))) && !(row.Shows?.StartsWith(shows + "/", StringComparison.Ordinal) ?? false))
            ? ":" : $"{{ {row.Script}; }}";

    private static bool IsAtOrBelow(string path, string place) => (path + "/").StartsWith(place + "/", StringComparison.Ordinal);

    private static bool AreSame(string pair, string looks, string shows) =>
        pair.Split(' ') is [var link, var target] && IsAtOrBelow(Resolved(looks, link, target), Resolved(shows, link, target));

    private static string Resolved(string path, string link, string target) => IsAtOrBelow(path, link) ? target + path[link.Length..] : path;
}
