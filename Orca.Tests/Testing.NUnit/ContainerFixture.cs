using NUnit.Framework;
using Orca.Testing.Shared;

namespace Orca.Testing.NUnit;

/// <summary>A fixture whose tests share one container: it is started before the first test and gone after the last one.</summary>
/// <remarks>For a container a test, start it in a method of the test, or in a <see cref="SetUpAttribute"/> of a fixture with an instance for each test case.</remarks>
public abstract class ContainerFixture
{
    private IRunningContainer? _container;

    /// <summary>The container, while the tests run.</summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    protected IRunningContainer Container => _container ?? throw new InvalidOperationException("the container of the fixture is not started");

    /// <summary>What starts it; by default one on the store of the command line, which all fixtures of the process share.</summary>
    protected virtual IOrca Orca => SharedOrca.Orca;

    /// <summary>What to start, and when it is ready.</summary>
    protected abstract ContainerStart Start { get; }

    /// <summary>Starts the container.</summary>
    /// <exception cref="Core.Errors.OrcaException">It cannot be started, or does not get ready.</exception>
    [OneTimeSetUp]
    public async Task StartContainerAsync() => _container = await Orca.StartAsync(Start).ConfigureAwait(false);

    /// <summary>Kills the container, if it was started, and waits until it is gone.</summary>
    [OneTimeTearDown]
    public async Task StopContainerAsync()
    {
        if (_container is { } container)
        {
            _container = null;
            await container.DisposeAsync().ConfigureAwait(false);
        }
    }
}
