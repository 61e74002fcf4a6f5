using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca.Tests.Core.Containers;

/// <summary>What a run's security options come to in the spec.</summary>
public sealed class SecurityOptionsTests
{
    private static readonly ImageConfig s_image = new() { Platform = Platform.Current, DiffIds = [], Cmd = ["sh"], User = "33:33" };

    private static readonly Surroundings s_surroundings = new()
    {
        Root = new RootFileSystem { Store = "/store", Directory = "c", Lower = "l", Upper = "u", Work = "w" },
        DefaultHostname = "box",
        CallerUid = 1234,
        CallerGid = 567,
        HasApt = true,
        Passwd = "app:x:7:8::/:/bin/sh\n"u8.ToArray(),
        Group = "wheel:x:10:app\n"u8.ToArray(),
    };

    [Test]
    public void Default_IsDockersCapabilities_AndNothingShown()
    {
        var spec = Build(new SecurityOptions());
        Assert.That((spec.Capabilities, spec.ShowSystemPaths, spec.Uid), Is.EqualTo((CapabilitySet.Default, false, 33u)));
    }

    [Test]
    public void Privileged_HasAllCapabilities_AndSeesAll_ButTheRestMayBeTakenBack()
    {
        var spec = Build(new SecurityOptions { Privileged = true, DropCapabilities = ["SYS_ADMIN"], ShowSystemPaths = false });
        Assert.That(spec.Capabilities, Is.EqualTo(new CapabilitySet(CapabilitySet.All.Bits & ~(1UL << 21))));
        Assert.That(spec.ShowSystemPaths, Is.False);
    }

    [Test]
    public void KeepId_RunsAsTheCaller_UnlessAnotherUserIsAskedFor()
    {
        var keep = new SecurityOptions { UserNamespace = UserNamespaceMode.KeepId };
        Assert.That((Build(keep).Uid, Build(keep).Gid), Is.EqualTo((1234u, 567u)));
        Assert.That(Build(keep, "5:6").Uid, Is.EqualTo(5u));
    }

    [Test]
    public void SubIds_AreForEveryUserAndGroup_AndAptIsLeftAlone()
    {
        var spec = Build(new SecurityOptions { UserNamespace = UserNamespaceMode.SubIds }, "app");
        Assert.That((spec.UserNamespace, spec.Uid, spec.Gid), Is.EqualTo((UserNamespaceMode.SubIds, 7u, 8u)));
        Assert.That(spec.Groups, Is.EqualTo([10u]));
        spec = Build(new SecurityOptions { UserNamespace = UserNamespaceMode.SubIds }, "0");
        Assert.That(spec.Env, Has.None.StartsWith("APT_CONFIG"));
        Assert.That(spec.Files.Select(file => file.Path), Has.None.Contains("apt"));
        Assert.That(Build(new SecurityOptions(), "app").Groups, Is.Empty, "one id can be in no other group");
    }

    [TestCase(UserNamespaceMode.Auto, null, true)]
    [TestCase(UserNamespaceMode.KeepId, null, true)]
    [TestCase(UserNamespaceMode.Host, null, true)]
    [TestCase(UserNamespaceMode.SubIds, null, false)]
    [TestCase(UserNamespaceMode.SubIds, false, false)]
    [TestCase(UserNamespaceMode.SubIds, true, true)]
    public void NoNewPrivileges_IsOff_OnlyWhereThereIsSomebodyToBecome(UserNamespaceMode ids, bool? asked, bool on) =>
        Assert.That(Build(new SecurityOptions { UserNamespace = ids, NoNewPrivileges = asked }).NoNewPrivileges, Is.EqualTo(on));

    [Test]
    public void HostIds_GiveNoMoreThanDockersDefault_AndNoDevices()
    {
        var host = new SecurityOptions { UserNamespace = UserNamespaceMode.Host };
        Assert.That(Build(host).Capabilities, Is.EqualTo(CapabilitySet.Default.With([], ["MKNOD"])));
        Assert.That(Build(host with { DropCapabilities = ["ALL"] }).Capabilities.Bits, Is.Zero);
        foreach (var more in (SecurityOptions[])[host with { Privileged = true }, host with { AddCapabilities = ["SYS_TIME"] }, host with { ShowSystemPaths = true }])
        {
            Assert.That(() => Build(more), Throws.TypeOf<SandboxException>().With.Message.Contains("'--userns=host'"));
        }
    }

    [Test]
    public void Apt_IsToldThatThereIsOneUser_WhereTheCommandIsRoot()
    {
        var spec = Build(new SecurityOptions(), "0");
        Assert.That(spec.Env, Does.Contain("APT_CONFIG=/run/orca/apt.conf"));
        Assert.That(
            spec.Files.Where(file => file.Content == "APT::Sandbox::User \"root\";\n").Select(file => file.Path),
            Is.EqualTo(["/run/orca/apt.conf", "/etc/apt/apt.conf.d/zz-orca"]));
        Assert.That(Build(new SecurityOptions(), "5").Env, Has.None.StartsWith("APT_CONFIG"));
    }

    [Test]
    public void Capability_Unknown_IsRefused() => Assert.That(
        () => Build(new SecurityOptions { AddCapabilities = ["NET_ADMN"] }), Throws.TypeOf<SandboxException>().With.Message.Contains("'NET_ADMN'"));

    [Test]
    public void Options_OfALaterRun_AddUp_AndTheModeStays()
    {
        var merged = new SecurityOptions { AddCapabilities = ["A"], Seccomp = "/p", UserNamespace = UserNamespaceMode.KeepId }
            .OverriddenBy(new SecurityOptions { AddCapabilities = ["B"], DropCapabilities = ["C"], Privileged = false });
        Assert.That(merged.AddCapabilities, Is.EqualTo(["A", "B"]));
        Assert.That(merged.DropCapabilities, Is.EqualTo(["C"]));
        Assert.That((merged.Privileged, merged.Seccomp, merged.UserNamespace), Is.EqualTo(((bool?)false, "/p", (UserNamespaceMode?)UserNamespaceMode.KeepId)));
    }

    private static SandboxSpec Build(SecurityOptions options, string? user = null) =>
        SandboxSpecBuilder.Build(s_image, new RunOptions { Process = new() { User = user }, Security = options }, s_surroundings);
}
