using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using Orca.Core.Host;
using Orca.Testing.NUnit;
using Orca.Testing.Xunit;

namespace Orca.Tests.Facade;

/// <summary>The fixture of NUnit, used as a program would use it.</summary>
[TestFixture]
[RequiresContainers]
internal sealed class NUnitFixtureTests : Testing.NUnit.ContainerFixture
{
    private RealOrca? _real;

    protected override IOrca Orca => (_real ??= new RealOrca()).Orca;

    protected override ContainerStart Start => RealOrca.Script("echo ready; exec sleep 600") with { Ready = Ready.WhenLine("ready") };

    [OneTimeTearDown]
    public async Task Remove()
    {
        await StopContainerAsync(); // this runs before the fixture's own, and the store goes here
        _real?.Dispose();
    }

    [Test]
    public void Container_RunsBeforeTheFirstTest() => Assert.That(File.ReadAllText($"/proc/{Container.Info.ProcessId}/cmdline"), Is.Not.Empty);

    [Test]
    public void Host_ThatCannotRunContainers_SkipsTheTest_WithTheFinding()
    {
        var test = new TestMethod(new MethodWrapper(typeof(NUnitFixtureTests), nameof(Container_RunsBeforeTheFirstTest)));
        RequiresContainersAttribute.Apply(test, problem: null);
        Assert.That(test.RunState, Is.EqualTo(RunState.Runnable));
        RequiresContainersAttribute.Apply(test, "containers cannot run here: user namespaces: EPERM");
        Assert.That((test.RunState, test.Properties.Get(PropertyNames.SkipReason)), Is.EqualTo((RunState.Skipped, "containers cannot run here: user namespaces: EPERM")));
    }

    [Test]
    public void Problem_IsTheFirstFindingThatFails()
    {
        HostFinding[] findings = [new("clock", HostVerdict.Works, "is set"), new("overlay", HostVerdict.Fallback, "copies"), new("user namespaces", HostVerdict.Fails, "EPERM") { Cure = "ask the administrator" }, new("mounts", HostVerdict.Fails, "EPERM")];
        Assert.That(Testing.NUnit.Probing.Problem([new Fixed(findings)]), Is.EqualTo("containers cannot run here: user namespaces: EPERM; ask the administrator"));
        Assert.That(Testing.NUnit.Probing.Problem([new Fixed(findings[..2])]), Is.Null);
    }

    private sealed class Fixed(HostFinding[] findings) : IHostProbe
    {
        public IEnumerable<HostFinding> Examine(CancellationToken cancellationToken) => findings;
    }
}

/// <summary>The fixture of xUnit.net: what its runner would call.</summary>
[TestFixture]
internal sealed class XunitFixtureTests
{
    [Test]
    public async Task Fixture_StartsAndStopsItsContainer()
    {
        using var real = new RealOrca();
        var fixture = new Sleeper(real.Orca);
        Assert.That(() => fixture.Container, Throws.InvalidOperationException);
        await fixture.InitializeAsync();
        var container = fixture.Container;
        Assert.That(container.Info.ProcessId, Is.Positive);
        await fixture.DisposeAsync();
        await fixture.DisposeAsync();
        Assert.That((await container.WaitForExitAsync()).Canceled, Is.True);
    }

    [Test]
    public void Fact_IsNotSkipped_WhereContainersRun() => Assert.That(new RequiresContainersFactAttribute().Skip, Is.Null);

    private sealed class Sleeper(IOrca orca) : Testing.Xunit.ContainerFixture(RealOrca.Script("exec sleep 600"))
    {
        protected override IOrca Orca => orca;
    }
}
