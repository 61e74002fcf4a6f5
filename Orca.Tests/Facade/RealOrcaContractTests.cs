using NUnit.Framework;
using Orca.Tests.Contracts;

namespace Orca.Tests.Facade;

[TestFixture]
internal sealed class RealOrcaContractTests : OrcaContract
{
    private RealOrca _real = null!;

    [OneTimeSetUp]
    public void Load() => _real = new RealOrca();

    [OneTimeTearDown]
    public void Remove()
    {
        Assert.That(_real.Containers(), Is.Empty, "every container went with its run");
        _real.Dispose();
    }

    protected override IOrca Orca => _real.Orca;

    protected override ContainerStart Prints(string output, string error, int code) =>
        new("busybox", ["/bin/sh", "-c", $"printf %s \"$0\"; printf %s \"$1\" >&2; exit {code}", output, error]);

    protected override ContainerStart Waits(string line, bool obeys = true) =>
        RealOrca.Script($"trap '{(obeys ? "exit 0" : string.Empty)}' TERM; echo {line}; while :; do sleep 0.02; done");

    protected override ContainerStart Echoes() => new("busybox", ["/bin/cat"]);
}
