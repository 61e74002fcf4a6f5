using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Orca.Sandbox.Launch;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>Tests that launch containers in one small root.</summary>
public abstract class RealLaunches
{
    /// <summary>The root of all launches of the class.</summary>
    private protected MinimalRoot Root { get; private set; } = null!;

    private protected SandboxLauncher Launcher { get; } = new(NullLogger.Instance);

    [OneTimeSetUp]
    public void MakeRoot() => Root = new MinimalRoot();

    [OneTimeTearDown]
    public void RemoveRoot() => Root.Dispose();
}
