using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>
/// Row F03, as far as that goes without a disk that loses power: from the system calls of a pull it is read that everything was on the disk before the name was
/// that makes it visible. A disk that keeps its promises then has the old state or the new one, whenever the power goes.
/// </summary>
[Category("EndToEnd")]
public sealed partial class StoreOrderTests
{
    private const string Writes = "openat,mkdirat,symlinkat,linkat,mknodat,write,pwrite64,ftruncate,fallocate,fchmod,fchmodat,utimensat,fsetxattr,unlinkat";

    [Test]
    public void F03_NothingIsVisible_BeforeItIsOnTheDisk()
    {
        using var home = new Home();
        var store = home.Directory + "/.local/share/orca";
        home.Program("strace", ["-f", "-y", "-qq", "-o", home.Directory + "/trace", "-e", $"trace={Writes},fsync,syncfs,renameat,renameat2", World.Binary, "pull", "-q", World.Busybox]).Run().Succeeds();
        var calls = Read(home.Directory + "/trace");

        var published = Only(calls, call => call.Name.StartsWith("rename", StringComparison.Ordinal) && call.Text.Contains("\"images/sha256-", StringComparison.Ordinal));
        var staged = Regex.Match(published.Text, "\"(staging/[0-9a-f]+)\"").Groups[1].Value;
        Assert.That(staged, Is.Not.Empty, published.Text);
        var tree = $"{store}/{staged}";
        var synced = calls.Last(call => call.Name == "syncfs" && call.End < published.Start);

        // What changed after the sync of all, or while it ran, has one of its own.
        var late = calls.Where(call => Changes(call) && call.Text.Contains(tree, StringComparison.Ordinal) && call.End > synced.Start && call.Start < published.Start).ToList();
        foreach (var call in late)
        {
            var changed = call.Name == "openat" ? tree : call.On;
            Assert.That(calls.Any(sync => sync.Name == "fsync" && sync.On == changed && sync.Start > call.End && sync.End < published.Start), Is.True, $"not synced before it is published: {call.Text}");
        }

        Assert.That(calls.Count(call => call.Name == "pwrite64" && call.On.StartsWith(tree + "/rootfs/", StringComparison.Ordinal)), Is.Positive, "the trace shows the tree's files");
        Assert.That(calls.Any(call => Changes(call) && call.Start > published.End && call.Text.Contains($"{store}/images/", StringComparison.Ordinal)), Is.False, "a published image never changes");

        var named = Only(calls, call => call.Name.StartsWith("rename", StringComparison.Ordinal) && NamesAnImage().IsMatch(call.Text));
        Assert.That(named.Start, Is.GreaterThan(published.End), "the name comes last");
        Assert.That(calls.Any(sync => sync.Name == "fsync" && sync.On == store + "/images" && sync.Start > published.End && sync.End < named.Start), Is.True, "the image's name is on the disk before one points to it");
        var aside = calls.Last(call => call.Name == "write" && call.On.StartsWith(store + "/refs/.new-", StringComparison.Ordinal) && call.End < named.Start);
        Assert.That(calls.Any(sync => sync.Name == "fsync" && sync.On == aside.On && sync.Start > aside.End && sync.End < named.Start), Is.True, "the name's file");
        Assert.That(calls.Any(sync => sync.Name == "fsync" && sync.On == store + "/refs" && sync.Start > named.End), Is.True, "the name itself");
    }

    private static bool Changes(Call call) => call.Name switch
    {
        "fsync" or "syncfs" or "renameat" or "renameat2" => false,
        "openat" => call.Text.Contains("O_CREAT", StringComparison.Ordinal),
        _ => true,
    };

    private static Call Only(List<Call> calls, Func<Call, bool> which)
    {
        var found = calls.Where(which).ToList();
        Assert.That(found, Has.Count.EqualTo(1), string.Join('\n', found.Select(call => call.Text)));
        return found[0];
    }

    /// <summary>The calls that succeeded, with the lines at which they began and ended; those of other threads may lie between.</summary>
    private static List<Call> Read(string trace)
    {
        var calls = new List<Call>();
        var open = new Dictionary<string, Call>(StringComparer.Ordinal);
        foreach (var (line, number) in File.ReadLines(trace).Select((line, number) => (line, number)))
        {
            var (thread, text) = line.Split(' ', 2, StringSplitOptions.TrimEntries) is [var id, var rest] ? (id, rest) : ("", "");
            if (Resumed().Match(text) is { Success: true } resumed)
            {
                if (open.Remove(thread, out var begun) && !text.Contains(" = -1 ", StringComparison.Ordinal))
                {
                    calls.Add(begun with { Text = begun.Text + text[resumed.Length..], End = number });
                }
            }
            else if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                open[thread] = Call.Of(text, number);
            }
            else if (text.Contains('(', StringComparison.Ordinal) && !text.Contains(" = -1 ", StringComparison.Ordinal))
            {
                calls.Add(Call.Of(text, number));
            }
        }

        return calls;
    }

    [GeneratedRegex("^<[.]{3} [a-z0-9_]+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex("\"refs/[.]new-[^\"]*\", [^\"]*\"refs/")]
    private static partial Regex NamesAnImage();

    [GeneratedRegex("[0-9A-Z_]<(/[^>]*)>")]
    private static partial Regex Path();

    /// <param name="Name">The call's name.</param>
    /// <param name="Text">All of its line.</param>
    /// <param name="On">The path behind its first descriptor; empty for none.</param>
    /// <param name="Start">Where it begins.</param>
    /// <param name="End">Where it ends.</param>
    private sealed record Call(string Name, string Text, string On, int Start, int End)
    {
        internal static Call Of(string text, int number) =>
            new(text.Split('(')[0], text, Path().Match(text).Groups[1].Value, number, number);
    }
}
