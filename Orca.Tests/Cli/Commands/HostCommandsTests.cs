using System.Text.Json;
using NUnit.Framework;
using Orca.Core.Host;
using Orca.Core.Images;

namespace Orca.Tests.Cli.Commands;

/// <summary>plan and doctor: what would be asked of the kernel, and what it answers.</summary>
public sealed class HostCommandsTests
{
    [Test]
    public void Plan_IsOneStepALine()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("plan", "-w", "/src", "alpine", "make", "-n"), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo("new namespaces: user, mount\n1. first\n2. second \"quoted\"\n"));
        Assert.That(world.Ran!.Options.Process.Command, Is.EqualTo(["make", "-n"]));
        Assert.That(world.Ran.Options.Process.WorkingDirectory, Is.EqualTo("/src"));
        Assert.That(world.Ran.Pull, Is.EqualTo(PullPolicy.Never));
        Assert.That(world.Pulled, Is.Empty);
    }

    [TestCase("./x.tar", "./x.tar")]
    [TestCase("oci:dir:1", "dir")]
    public void Plan_OfWhatIsNoName_SaysToLoadItFirst(string image, string shown)
    {
        var world = new FakeWorld();
        Assert.That(world.Run("plan", image), Is.EqualTo(125));
        Assert.That(world.Error.Text, Is.EqualTo($"orca: cannot plan '{shown}': it is not in the store\nhint: load it first with 'orca load', and plan the name it gets\n"));
    }

    [Test]
    public void Plan_AsJson_HasTheSameSteps()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("plan", "--format", "json", "alpine"), Is.Zero);
        using var json = JsonDocument.Parse(world.Out.Text);
        Assert.That(json.RootElement.GetProperty("namespaces")[1].GetString(), Is.EqualTo("mount"));
        Assert.That(json.RootElement.GetProperty("steps")[1].GetString(), Is.EqualTo("second \"quoted\""));
    }

    [Test]
    public void Doctor_SaysVerdictSubjectDetailAndCure()
    {
        var world = new FakeWorld();
        world.Findings.Add(new HostFinding("proc", HostVerdict.Works, "mounted anew"));
        world.Findings.Add(new HostFinding("overlay", HostVerdict.Fallback, "refused; copies") { Cure = "a newer kernel" });
        Assert.That(world.Run("doctor"), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo("works     proc: mounted anew\nfallback  overlay: refused; copies\n          cure: a newer kernel\n"));
    }

    [TestCase("table")]
    [TestCase("json")]
    public void Doctor_OfAMachineThatIsUnfit_EndsWithOne(string format)
    {
        var world = new FakeWorld();
        world.Findings.Add(new HostFinding("user namespaces", HostVerdict.Fails, "EPERM") { Cure = "ask \"root\"" });
        Assert.That(world.Run("doctor", "--format", format), Is.EqualTo(1));
        if (format == "json")
        {
            using var json = JsonDocument.Parse(world.Out.Text);
            Assert.That(json.RootElement[0].GetProperty("verdict").GetString(), Is.EqualTo("fails"));
            Assert.That(json.RootElement[0].GetProperty("cure").GetString(), Is.EqualTo("ask \"root\""));
        }
    }

    [Test]
    public void Doctor_AppArmorProfile_IsForTheFrontNotForThisHalf()
    {
        var world = new FakeWorld();
        world.Variables.Add("ORCA_FRONT=/opt/orca bin/orca");
        Assert.That(world.Run("doctor", "--apparmor-profile"), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo(AppArmorProfile.For("/opt/orca bin/orca")));
        Assert.That(world.Composed, Is.Empty, "it tries nothing");
    }
}
