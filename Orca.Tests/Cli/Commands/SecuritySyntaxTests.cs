using NUnit.Framework;
using Orca.Cli.Commands.Run;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Tests.Cli.Commands;

/// <summary>How security options are typed.</summary>
public sealed class SecuritySyntaxTests
{
    [Test]
    public void Capabilities_CanBeGivenOneByOneOrTogether()
    {
        var options = Read("--cap-add", "NET_ADMIN,sys_time", "--cap-add=CAP_BPF", "--cap-drop", "ALL");
        Assert.That(options.AddCapabilities, Is.EqualTo(["NET_ADMIN", "sys_time", "CAP_BPF"]));
        Assert.That(options.DropCapabilities, Is.EqualTo(["ALL"]));
    }

    [Test]
    public void Capability_Unknown_IsRefusedWithASuggestion()
    {
        var refusal = Assert.Throws<SandboxException>(() => Read("--cap-drop", "NET_RWA"));
        Assert.That(refusal!.Hint, Does.Contain("'NET_RAW'"));
    }

    [TestCase("--cap-add", "")]
    [TestCase("--cap-drop", "")]
    [TestCase("--cap-add", ",")]
    public void Capability_WithoutAName_IsRefused(string option, string text) =>
        Assert.That(() => Read(option, text), Throws.TypeOf<ReferenceException>().With.Message.EqualTo($"cannot use option '{option}': '{text}' names no capability"));

    [TestCase("seccomp=unconfined", "unconfined")]
    [TestCase("seccomp:unconfined", "unconfined")]
    [TestCase("seccomp=/etc/policy.json", "/etc/policy.json")]
    public void Seccomp_IsAPolicyOrNone(string text, string expected) => Assert.That(Read("--security-opt", text).Seccomp, Is.EqualTo(expected));

    [Test]
    public void Seccomp_RelativePath_IsFromHere() =>
        Assert.That(Read("--security-opt", "seccomp=policy.json").Seccomp, Is.EqualTo(Environment.CurrentDirectory + "/policy.json"));

    [TestCase("no-new-privileges")]
    [TestCase("no-new-privileges=true")]
    [TestCase("no-new-privileges:true")]
    [TestCase("label=disable")]
    [TestCase("apparmor=unconfined")]
    public void Option_ThatHoldsAnyway_ChangesNothing(string text)
    {
        var options = Read("--security-opt", text);
        Assert.That((options.Seccomp, options.ShowSystemPaths, options.Privileged), Is.EqualTo(((string?)null, (bool?)null, (bool?)null)));
    }

    [TestCase("no-new-privileges=false")]
    [TestCase("no-new-privileges=maybe")]
    [TestCase("label=type:x")]
    [TestCase("apparmor=profile")]
    [TestCase("seccomp")]
    [TestCase("seccomp=")]
    [TestCase("secomp=unconfined")]
    [TestCase("systempaths=x")]
    [TestCase("mask=/proc")]
    [TestCase("")]
    public void Option_ThatCannotBeApplied_IsRefused(string text) =>
        Assert.That(() => Read("--security-opt", text), Throws.TypeOf<ReferenceException>().With.Message.StartsWith($"cannot use option '--security-opt={text}'"));

    [Test]
    public void NoNewPrivileges_CanBeOff_WhereThereIsSomebodyToBecome()
    {
        Assert.That(Read("--userns=subids", "--security-opt", "no-new-privileges=false").NoNewPrivileges, Is.False);
        Assert.That(Read("--userns=subids", "--security-opt", "no-new-privileges").NoNewPrivileges, Is.True);
        Assert.That(Read("--userns=subids").NoNewPrivileges, Is.Null);
    }

    [TestCase("auto", UserNamespaceMode.Auto)]
    [TestCase("keep-id", UserNamespaceMode.KeepId)]
    [TestCase("subids", UserNamespaceMode.SubIds)]
    [TestCase("host", UserNamespaceMode.Host)]
    public void UserNamespace_IsAWord(string word, UserNamespaceMode mode) => Assert.That(Read("--userns", word).UserNamespace, Is.EqualTo(mode));

    [Test]
    public void UserNamespace_Unknown_IsRefused() => Assert.That(() => Read("--userns", "remap"), Throws.TypeOf<ReferenceException>().With.Message.Contains("keep-id"));

    private static SecurityOptions Read(params string[] arguments) => SecuritySyntax.Read(ArgumentParser.Parse(RunSyntax.Syntax, [.. arguments, "image"]));
}
