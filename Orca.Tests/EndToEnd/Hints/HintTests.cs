using NUnit.Framework;

namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Does what each hint says: its command line runs, helps, and loses nothing.</summary>
[Category("EndToEnd")]
public sealed class HintTests
{
    private Home _home = null!;

    [OneTimeSetUp]
    public void Prepare()
    {
        _home = new Home("hints");
        Shell($"orca run --name keep $busybox sh -c 'echo precious > /precious'").Succeeds();
    }

    [OneTimeTearDown]
    public void Dispose() => _home.Dispose();

    [TestCaseSource(typeof(HintCases), nameof(HintCases.All))]
    public void Hint_IsTrue(object row)
    {
        var one = (HintCase)row;
        Shell(one.Before).Succeeds();
        var failed = Shell(one.Provoke);
        Assert.That(failed.Status, Is.Not.Zero, "nothing was refused");
        var hint = one.Find(failed.Errors);
        Assert.That(hint, Is.Not.Null, () => failed.Errors);
        Shell(one.Follow, [.. one.Commands(hint!)]).Succeeds();
        Shell(one.After ?? one.Provoke).Succeeds();
        Shell("orca run --name keep $busybox cat /precious").Prints("precious");
    }

    /// <summary>A directory of its own for each script would hide what a hint changes: all of them run at home.</summary>
    private Outcome Shell(string script, params string[] arguments) => _home.Program("sh", ["-c", "exec 3>&-; " + script, "sh", .. arguments])
        .With("PATH", $"{World.Root}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin").With("busybox", World.Busybox).Run();
}
