using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Core.Sandbox;

/// <summary>Capabilities by name, added and dropped as Docker does.</summary>
public sealed class CapabilitySetTests
{
    [Test]
    public void Default_IsDockersFourteen() => Assert.That(CapabilitySet.Default.ToString(), Is.EqualTo("00000000a80425fb"));

    [TestCase("NET_ADMIN", "", "00000000a80435fb")]
    [TestCase("cap_net_admin", "", "00000000a80435fb")]
    [TestCase("", "CAP_CHOWN", "00000000a80425fa")]
    [TestCase("", "ALL", "0000000000000000")]
    [TestCase("CHOWN", "all", "0000000000000001")]
    [TestCase("ALL", "", "000001ffffffffff")]
    [TestCase("ALL", "SYS_ADMIN", "000001ffffdfffff")]
    [TestCase("SYS_ADMIN", "SYS_ADMIN", "00000000a82425fb")]
    public void With_AddsAndDrops(string add, string drop, string expected)
        => Assert.That(CapabilitySet.Default.With(List(add), List(drop)).ToString(), Is.EqualTo(expected));

    [TestCase("NET_ADMN", "NET_ADMIN")]
    [TestCase("CAP_SYS_ADMINN", "SYS_ADMIN")]
    [TestCase("chwon", "CHOWN")]
    public void Name_Mistyped_IsRefusedWithTheNearest(string name, string near)
    {
        var refusal = Assert.Throws<SandboxException>(() => CapabilitySet.Default.With([name], []));
        Assert.That(refusal!.Message, Does.Contain($"'{name}'"));
        Assert.That(refusal.Hint, Does.Contain($"did you mean '{near}'"));
    }

    [Test]
    public void Name_OfEveryCapability_ReadsBack([Values] Capability capability)
        => Assert.That(CapabilityName.Parse("CAP_" + CapabilityName.Of(capability)), Is.EqualTo(capability));

    private static string[] List(string text) => text.Length == 0 ? [] : [text];
}
