using Orca.Testing.Shared;
using Xunit;

namespace Orca.Testing.Xunit;

/// <summary>A container that tests share: <c>sealed class Db() : ContainerFixture(new("redis:8", []))</c> and <c>IClassFixture&lt;Db&gt;</c>.</summary>
/// <param name="start">What to start, and when it is ready.</param>
public abstract class ContainerFixture(ContainerStart start) : IAsyncLifetime
{
    private IRunningContainer? _container;

    /// <summary>The container, while the tests run.</summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public IRunningContainer Container => _container ?? throw new InvalidOperationException("the container of the fixture is not started");

    /// <summary>What starts it; by default one on the store of the command line, which all fixtures of the process share.</summary>
    protected virtual IOrca Orca => SharedOrca.Orca;

    /// <summary>Starts the container. Where containers cannot run it does nothing: the tests are skipped by <see cref="RequiresContainersFactAttribute"/>.</summary>
    /// <exception cref="Core.Errors.OrcaException">It cannot be started, or does not get ready.</exception>
    public async ValueTask InitializeAsync() => _container = SharedOrca.Problem is null ? await Orca.StartAsync(start).ConfigureAwait(false) : null;

    /// <summary>Kills the container, if it was started, and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_container is { } container)
        {
            _container = null;
            await container.DisposeAsync().ConfigureAwait(false);
        }

        GC.SuppressFinalize(this);
    }
}
