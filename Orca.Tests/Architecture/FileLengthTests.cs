using NUnit.Framework;

namespace Orca.Tests.Architecture;

/// <summary>Most files hold under 120 lines; 300 needs a reason, and the reason stands here.</summary>
public sealed class FileLengthTests
{
    private const int Limit = 300;
    private const int Wish = 120;

    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["Orca.Sandbox/Launch/PlanEncoder.cs"] = "what each step asks of the kernel is read side by side",
        ["Orca.Sandbox/Child/keep.c"] = "one loop, and what it does with each of its descriptors",
        ["Orca.Tests/Cli/FakeWorld.cs"] = "one short member after the other, for every interface below the command line",
        ["Orca.Sandbox/Child/Stub/init.c"] = "what a command's parent does before it runs, while it does, and at its end is read, and audited, as one",
        ["Orca.Sandbox/Child/child.c"] = "all that runs between clone and exec is read, and audited, as one",
    };

    [Test]
    public void File_OverTheLimit_HasAReason()
    {
        var lengths = Repository.Sources(".cs").Concat(Repository.Sources(".c"))
            .Select(path => (path, lines: File.ReadLines(Path.Combine(Repository.Root, path)).Count()))
            .ToList();
        var wished = lengths.Count(file => file.lines <= Wish);
        TestContext.Out.WriteLine($"{wished} of {lengths.Count} files hold at most {Wish} lines");
        Assert.That(lengths.Where(file => file.lines > Limit && !Reasons.ContainsKey(file.path)), Is.Empty);
        Assert.That(wished * 4, Is.GreaterThanOrEqualTo(lengths.Count * 3), "three of four files should be short");
    }
}
