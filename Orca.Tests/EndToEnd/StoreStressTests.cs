using System.Globalization;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Rows F12 to F17: 64 processes at the same images at once.</summary>
[Category("EndToEnd")]
public sealed class StoreStressTests
{
    private const int Processes = 64;

    [Test]
    public void PullingRunningRemovingAndPruning_AtOnce_LosesNothingAndNeverHangs()
    {
        using var home = new Home();
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        home.Orca("run", "--name", "kept", World.Busybox, "sh", "-c", "echo mine >/mark").Run().Succeeds();
        string[][] lines =
        [
            ["pull", "-q", World.Busybox], ["run", World.Busybox, "true"], ["rmi", World.Busybox], ["system", "prune"], ["run", World.Busybox, "true"],
            ["rmi", "-f", World.Busybox], ["system", "check", "-q"], ["system", "df"], ["images"], ["pull", "-q", World.Debian], ["rmi", "-f", World.Debian],
        ];
        var running = Enumerable.Range(0, Processes).Select(index => (Line: lines[index % lines.Length], Run: home.Orca(lines[index % lines.Length]).Start())).ToList();
        foreach (var (line, run) in running)
        {
            using (run)
            {
                run.Feed([]);
                var outcome = run.Wait(240);
                var text = string.Join(' ', line);
                Assert.That(outcome.Errors, Does.Not.Contain("internal error").And.Not.Contain("   at "), text);
                Assert.That(outcome.Status, Is.EqualTo(0).Or.EqualTo(125), () => $"{text}: {outcome.Errors}");
                if (outcome.Status == 125)
                {
                    // Two commands that contradict each other: one of them is told so.
                    Assert.That(outcome.Errors, Does.Contain("not in the store").Or.Contain("in use").Or.Contain("is made of it").Or.Contain("removed meanwhile").Or.Contain("other names"), text);
                }
            }
        }

        home.Orca("run", "--name", "kept", World.Busybox, "cat", "/mark").Run().Prints("mine");
        home.Orca("run", World.Busybox, "echo", "well").Run().Prints("well");
        home.Orca("system", "prune").Run().Succeeds();
        Assert.That(home.Orca("system", "check").Run().Succeeds().Output, Does.EndWith("all sound\n"));
        Assert.That(home.Shell("cd .local/share/orca && ls -A staging parts").Output.Split('\n').Where(line => line.Length > 0 && !line.EndsWith(':')), Is.Empty);
    }

    [Test]
    public void Pruning_WhileRunsEnd_Succeeds()
    {
        using var home = new Home();
        home.Orca("pull", "-q", World.Busybox).Run().Succeeds();
        home.Shell($"for i in 1 2 3; do (for j in $(seq 60); do \"$orca\" run {World.Busybox} true || echo run >>failed; done) & done; for j in $(seq 150); do \"$orca\" system prune >out 2>&1 || cat out >>failed; done; wait; test ! -e failed || cat failed").Prints("");
    }

    [TestCase(2)]
    [TestCase(20)]
    public void PullsOfOneImage_AtOnce_FetchItOnce(int count)
    {
        using var home = new Home();
        var running = Enumerable.Range(0, count).Select(_ => home.Orca("pull", "-q", World.Debian).Start()).ToList();
        var digests = new List<string>();
        foreach (var run in running)
        {
            using (run)
            {
                digests.Add(run.Wait(180).Succeeds().Output);
            }
        }

        Assert.That(digests.Distinct().Count(), Is.EqualTo(1), string.Create(CultureInfo.InvariantCulture, $"{count} pulls"));
        Assert.That(home.Orca("system", "check").Run().Succeeds().Output, Does.EndWith("all sound\n"));
    }
}
