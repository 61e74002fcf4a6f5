using System.Diagnostics;
using NUnit.Framework;
using Orca.Core.Sandbox;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>The ten seconds between the signal of a time limit and SIGKILL. Waits for them beside other tests that wait.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class GraceTests : RealLaunches
{
    [Test]
    public void Limit_OfACommandThatDoesNotHear_KillsItAfterTheGrace()
    {
        var watch = Stopwatch.StartNew();
        var limit = new TimeLimit(TimeSpan.FromMilliseconds(100), Signal.Term);
        Assert.That(Launcher.Run(Root.Script("trap '' TERM; while :; do busybox usleep 50000; done"), new SandboxRunOptions { Limit = limit }, default).Code, Is.EqualTo(137));
        Assert.That(watch.Elapsed, Is.GreaterThan(TimeLimit.Grace));
    }
}
