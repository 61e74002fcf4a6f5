using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry;
using Orca.Sandbox;
using Orca.Tests.EndToEnd;

namespace Orca.Tests.Samples.Postgres;

/// <summary>An image with Debian's PostgreSQL in place of the official one, which the machines of the tests cannot pull: a kept container, exported and loaded.</summary>
[SetUpFixture]
public sealed class PostgresImage
{
    /// <summary>What the official image's entry point does of what the sample needs.</summary>
    private const string EntryPoint = """
        #!/bin/sh
        set -e
        PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
        if [ "$1" = postgres ]; then
          [ -s "$PGDATA/PG_VERSION" ] || initdb -D "$PGDATA" --auth="$POSTGRES_HOST_AUTH_METHOD" >/dev/null
          set -- "$@" -k /tmp
        fi
        exec "$@"
        """;

    private static ServiceProvider? s_services;
    private string _store = string.Empty;

    /// <summary>On a store of its own.</summary>
    internal static IOrca Orca => s_services!.GetRequiredService<IOrca>();

    [OneTimeSetUp]
    public async Task Make()
    {
        if (World.Tool("curl", "-sf", "-o", "/dev/null", $"http://{World.Registry}/v2/").Status != 0)
        {
            Needs.InCi($"no registry answers at {World.Registry}: type make test, as root");
        }

        _store = Directory.CreateTempSubdirectory("orca-postgres-").FullName;
        s_services = new ServiceCollection().AddOrca(options => options.StoreRoot = Path.Combine(_store, "store")).AddOrcaRegistry().AddOrcaSandbox().BuildServiceProvider();
        await Orca.RunAsync(new ContainerStart(World.Debian, ["sh", "-ec", "cat >/entry; chmod 755 /entry; apt-get update -q; apt-get install -y -q --no-install-recommends postgresql; apt-get clean"])
        {
            Name = "postgres",
            Env = ["DEBIAN_FRONTEND=noninteractive"],
            Input = ContainerInput.Of(EntryPoint),
            ThrowOnFailure = true,
        });
        var archive = Path.Combine(_store, "postgres.tar");
        await using (var file = File.Create(archive))
        {
            await Orca.Kept.ExportAsync("postgres", file);
        }

        await Orca.Images.LoadAsync(new LoadRequest
        {
            Location = ImageLocation.OfPath(archive),
            Name = ImageReference.Parse("postgres:17"),
            Defaults = new ImageConfig { Platform = Platform.Current, DiffIds = [], Entrypoint = ["/entry"] },
        });
    }

    [OneTimeTearDown]
    public void Remove()
    {
        s_services?.Dispose();
        if (_store.Length > 0)
        {
            Directory.Delete(_store, recursive: true);
        }
    }
}
