using System.Text;
using NUnit.Framework;
using Orca.Cli;
using Orca.Cli.Output;
using Orca.Cli.Parsing;

namespace Orca.Tests.Cli.Output;

/// <summary>Command lines in messages act on the store and the registries of the command that failed.</summary>
public sealed class RepeatedOptionsTests
{
    [TestCase("fetch it with 'orca pull busybox'", "fetch it with 'orca --root /r pull busybox'")]
    [TestCase("take them away: orca rmi a b", "take them away: orca --root /r rmi a b")]
    [TestCase("orca rmi -f a && orca pull a", "orca --root /r rmi -f a && orca --root /r pull a")]
    [TestCase("'orca export NAME | orca import - IMAGE' makes", "'orca --root /r export NAME | orca --root /r import - IMAGE' makes")]
    [TestCase("'orca system prune' deletes", "'orca --root /r system prune' deletes")]
    [TestCase("orca builds no images; 'orca load' takes", "orca builds no images; 'orca --root /r load' takes")]
    [TestCase("did you mean 'orca images'? see 'orca --help'", "did you mean 'orca --root /r images'? see 'orca --help'")]
    [TestCase("see 'orca system check --help'", "see 'orca system check --help'")]
    [TestCase("its owner opens it to others with 'orca system share'", "its owner opens it to others with 'orca system share'")]
    [TestCase("log in with 'orca login ghcr.io'", "log in with 'orca login ghcr.io'")]
    [TestCase("orca doctor --apparmor-profile | sudo tee x", "orca doctor --apparmor-profile | sudo tee x")]
    [TestCase("the host around orca run as it is", "the host around orca run as it is")]
    [TestCase("-p Delegate=yes orca run ...", "-p Delegate=yes orca run ...")]
    public void Root_IsRepeated_WhereACommandUsesTheStore(string text, string complete)
    {
        Assert.That(RepeatedOptions.Complete(text, new GlobalOptions("/r", false), null), Is.EqualTo(complete));
        Assert.That(RepeatedOptions.Complete(text, new GlobalOptions(null, false), new HostEnvironment(static () => [Encoding.UTF8.GetBytes("ORCA_ROOT=/r")])), Is.EqualTo(complete));
        Assert.That(RepeatedOptions.Complete(text, new GlobalOptions(null, false), new HostEnvironment(static () => [Encoding.UTF8.GetBytes("ORCA_ROOT=")])), Is.EqualTo(text));
    }

    [TestCase("a: orca ps", "a: orca --root '/my $x' ps")]
    [TestCase("'orca ps' lists", @"'orca --root /my\ \$x ps' lists")]
    [TestCase("to run 'x' in it: orca ps", "to run 'x' in it: orca --root '/my $x' ps")]
    public void Root_IsQuotedForTheShell(string text, string complete) =>
        Assert.That(RepeatedOptions.Complete(text, new GlobalOptions("/my $x", false), null), Is.EqualTo(complete));

    [Test]
    public void RootThatCannotBeTyped_IsSeenToBeMissing() =>
        Assert.That(RepeatedOptions.Complete("orca ps", new GlobalOptions("/a\nb", false), null), Is.EqualTo("orca --root ... ps"));

    [TestCase("orca pull x", "orca pull --authfile a --image-limit size=9g --tls-verify=false x")]
    [TestCase("orca run x", "orca run --authfile a --image-limit size=9g --tls-verify=false x")]
    [TestCase("orca load < x", "orca load --image-limit size=9g < x")]
    [TestCase("orca login x", "orca login --authfile a --tls-verify=false x")]
    [TestCase("orca rm x", "orca rm x")]
    public void RegistryOptions_AreRepeated_WhereTheCommandTakesThem(string text, string complete) =>
        Assert.That(RepeatedOptions.Complete(text, new GlobalOptions(null, false) { AuthFile = "a", TlsVerify = false, ImageLimits = ["size=9g"] }, null), Is.EqualTo(complete));

    [Test]
    public void OptionThatIsThere_IsNotRepeated() => Assert.That(
        RepeatedOptions.Complete("make it with 'orca login --authfile FILE'", new GlobalOptions(null, false) { AuthFile = "a" }, null), Is.EqualTo("make it with 'orca login --authfile FILE'"));
}
