using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace Orca.Tests.Samples.Postgres;

/// <summary>Sample: tests on PostgreSQL, each with a clean database of its own, all at once. No daemon, no root, nothing to clean up.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase), Parallelizable(ParallelScope.All)]
[Category("EndToEnd")]
internal sealed class PostgresTests : IAsyncDisposable
{
    private readonly int _port = FreePort();
    private IRunningContainer? _server;

    [SetUp]
    public async Task Start() => _server = await PostgresImage.Orca.StartAsync(new ContainerStart("postgres:17", ["postgres", "-p", $"{_port}"])
    {
        User = "postgres",
        Env = ["POSTGRES_HOST_AUTH_METHOD=trust", "PGDATA=/tmp/data"],
        Ready = Ready.WhenTcp(_port),
    });

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Test]
    public async Task Table_IsMadeAndRead() =>
        Assert.That(await QueryAsync("create table t (a int); insert into t values (42); select a from t"), Is.EqualTo("42\n"));

    [Test]
    public async Task Database_IsClean([Values(1, 2)] int value) =>
        Assert.That(await QueryAsync($"create table t (a int); insert into t values ({value}); select count(*), max(a) from t"), Is.EqualTo($"1|{value}\n"));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A program would use its driver; this asks with the image's own client.</summary>
    private async Task<string> QueryAsync(string sql) => (await PostgresImage.Orca.RunAsync(
        new ContainerStart("postgres:17", ["psql", "-h", "127.0.0.1", "-p", $"{_port}", "-U", "postgres", "-qAt", "-c", sql]) { ThrowOnFailure = true })).StandardOutput;
}
