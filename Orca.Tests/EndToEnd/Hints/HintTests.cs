using NUnit.Framework;

namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Does what each hint says: its command line runs, helps, and loses nothing.</summary>
[Category("EndToEnd")]
public sealed class HintTests
{
    /// <summary>What no hint may lose, looked for where the store has it: a run for each hint would take half of the time.</summary>
    private const string KeepsChanges = "status=$?; test $status = 0 && test \"$(cat .local/share/orca/containers/keep/upper/precious)\" = precious";

    /// <summary>The account may not look into the checkout: it gets the program as text.</summary>
    private static readonly string s_server = File.ReadAllText(Fixture.Script("hint-server.py"));

    private Home _home = null!;

    [OneTimeSetUp]
    public void Prepare()
    {
        _home = new Home("hints");
        _ = Refuse.Program; // it is in the path then
        Shell($"orca run --name keep $busybox sh -c 'echo precious > /precious'").Succeeds();
    }

    [OneTimeTearDown]
    public void Dispose() => _home.Dispose();

    [TestCaseSource(typeof(HintCases), nameof(HintCases.All))]
    public void Hint_IsTrue(object row)
    {
        var one = (HintCase)row;
        if (one.Before != "true")
        {
            Shell(one.Before).Succeeds();
        }

        var failed = Shell(one.Provoke);
        Assert.That(failed.Status, Is.Not.Zero, "nothing was refused");
        var hint = one.Find(failed.Output + failed.Errors);
        Assert.That(hint, Is.Not.Null, () => failed.Output + failed.Errors);
        Script($"hint={Quote(hint!)}; {one.Follow}", [.. one.Commands(hint!)]).Run().Succeeds();
        Shell($"({one.After ?? one.Provoke})\n{KeepsChanges}").Succeeds();
    }

    [Test]
    public void Changes_OfTheContainerThatIsKept_AreThere() => Shell("orca run --name keep $busybox cat /precious").Prints("precious");

    private Outcome Shell(string script) => Script(script).Run();

    /// <summary>A directory of its own for each script would hide what a hint changes: all of them run at home.</summary>
    private Command Script(string script, params string[] arguments) => _home.Program("sh", ["-c", "exec 3>&-; " + script, "sh", .. arguments])
        .With("PATH", $"{World.Root}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin").With("busybox", World.Busybox).With("ca", World.CertificateAuthority).With("server", s_server);

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
