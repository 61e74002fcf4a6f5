using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Registry;
using Orca.Registry.Store;
using Orca.Sandbox;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Facade;

/// <summary>How a program puts the library together.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RegistrationTests : IDisposable
{
    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    [Test]
    public void Calls_Twice_AddNothing()
    {
        var services = new ServiceCollection().AddOrcaRegistry().AddOrcaSandbox();
        string[] Types() => [.. services.Where(static one => !one.ServiceType.Name.Contains("Configure", StringComparison.Ordinal)).Select(static one => one.ServiceType.FullName!)];
        var once = Types();
        services.AddOrcaSandbox().AddOrcaRegistry().AddOrca();
        Assert.That(Types(), Is.EqualTo(once));
        Assert.That(once, Is.Unique);
    }

    [Test]
    public async Task Registry_Alone_OffersImages()
    {
        await using var services = new ServiceCollection().AddOrcaRegistry(store => store.Root = _store.Root).BuildServiceProvider();
        Assert.That(await services.GetRequiredService<IOrcaImages>().ListAsync(), Is.Empty);
        Assert.That(services.GetRequiredService<IOrca>, Throws.InvalidOperationException.With.Message.EqualTo("orca lacks ISandbox: call services.AddOrcaSandbox()"));
    }

    [Test]
    public async Task Sandbox_Alone_OffersTheSandbox()
    {
        await using var services = new ServiceCollection().AddOrcaSandbox().BuildServiceProvider();
        Assert.That(services.GetService<ISandboxStarter>(), Is.Not.Null);
        Assert.That(services.GetRequiredService<IOrca>, Throws.InvalidOperationException.With.Message.EqualTo("orca lacks IImageStore: call services.AddOrcaRegistry()"));
        Assert.That(() => services.GetRequiredService<IOrcaImages>().ListAsync(), Throws.InvalidOperationException.With.Message.Contains("AddOrcaRegistry()"));
    }

    [Test]
    public async Task Options_AreConfiguredFromAnywhere_AndAddUp()
    {
        var services = new ServiceCollection().AddOrcaSandbox().AddOrcaRegistry(store => store.Root = "/nowhere").AddOrcaRegistry(store => store.Behind = []);
        services.Configure<StoreOptions>(store => store.Root = _store.Root);
        await using var provider = services.BuildServiceProvider();
        _store.Add(TestImage.Small(), "test/one:1");
        Assert.That(await provider.GetRequiredService<IOrca>().Images.ListAsync(), Has.Count.EqualTo(1));
        var options = provider.GetRequiredService<IOptions<StoreOptions>>().Value;
        Assert.That((options.Root, options.Behind), Is.EqualTo((_store.Root, Array.Empty<string>())));
    }

    [TestCase("Root")]
    [TestCase("StoreRoot")]
    [TestCase("Behind")]
    [TestCase("AuthFile")]
    [TestCase("MaxConcurrentStarts")]
    public async Task Option_ThatCannotBe_IsRefused_ByItsName(string option)
    {
        await using var services = new ServiceCollection()
            .AddOrcaRegistry(
                store => (store.Root, store.Behind) = (option == "Root" ? string.Empty : _store.Root, option == "Behind" ? [string.Empty] : []),
                registries => registries.AuthFile = option == "AuthFile" ? string.Empty : null)
            .AddOrcaSandbox().AddOrca(orca => (orca.MaxConcurrentStarts, orca.StoreRoot) = (option == "MaxConcurrentStarts" ? -1 : 0, option == "StoreRoot" ? string.Empty : null)).BuildServiceProvider();
        Assert.That(
            async () => await services.GetRequiredService<IOrca>().Images.PullAsync("registry.invalid/x"), // what is of registries is made when one is asked
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains(option));
    }

    [Test]
    public async Task OptionsOfOrca_ReachTheStoreAndTheRegistries_UnlessTheseHaveTheirOwn()
    {
        var services = new ServiceCollection().AddOrca(orca => (orca.StoreRoot, orca.TlsVerify) = (_store.Root, false)).AddOrcaRegistry();
        await using (var provider = services.BuildServiceProvider())
        {
            Assert.That((provider.GetRequiredService<IOptions<StoreOptions>>().Value.Root, provider.GetRequiredService<IOptions<RegistryOptions>>().Value.TlsVerify), Is.EqualTo((_store.Root, false)));
        }

        services.AddOrcaRegistry(store => store.Root = "/srv/own", registries => registries.TlsVerify = true);
        await using var other = services.BuildServiceProvider();
        Assert.That((other.GetRequiredService<IOptions<StoreOptions>>().Value.Root, other.GetRequiredService<IOptions<RegistryOptions>>().Value.TlsVerify), Is.EqualTo(("/srv/own", true)));
    }

    [TestCase(HostVerdict.Works, HealthStatus.Healthy)]
    [TestCase(HostVerdict.Fallback, HealthStatus.Healthy)]
    [TestCase(HostVerdict.Fails, HealthStatus.Unhealthy)]
    public async Task HealthCheck_TellsWhetherContainersCanRun(HostVerdict verdict, HealthStatus status)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<IHostProbe>(new FixedProbe(new HostFinding("trial", verdict, "as it went")));
        services.AddHealthChecks().AddOrca();
        await using var provider = services.BuildServiceProvider();
        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        var entry = report.Entries["orca"];
        Assert.That(entry.Data["trial"], Is.EqualTo($"{verdict}: as it went"));
        Assert.That(entry.Data, Does.ContainKey("user namespaces"), "the kernel is tried as well");
        Assert.That(entry.Status, Is.EqualTo(status), entry.Description);
    }

    private sealed class FixedProbe(HostFinding finding) : IHostProbe
    {
        public IEnumerable<HostFinding> Examine(CancellationToken cancellationToken) => [finding];
    }

    [Test]
    public async Task Run_PullsWhatTheStoreLacks_OnceForAllThatWait()
    {
        var source = new FakeImageSource();
        source.Add("registry.test/busybox:1", Busybox());
        await using var services = new ServiceCollection().AddSingleton<IImageSource>(source)
            .AddOrcaRegistry(store => store.Root = _store.Root).AddOrcaSandbox().BuildServiceProvider();
        var orca = services.GetRequiredService<IOrca>();
        var start = new ContainerStart("registry.test/busybox:1", ["/bin/busybox", "echo", "pulled"]);
        Assert.That(() => orca.RunAsync(start with { Pull = PullPolicy.Never }), Throws.TypeOf<StoreException>());

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => orca.RunAsync(start)));
        Assert.That(results.Select(static result => result.StandardOutput), Is.All.EqualTo("pulled\n"));
        Assert.That(source.Opened, Is.EqualTo(1));

        var name = ImageReference.Parse("registry.test/busybox:1");
        Assert.That((await orca.Images.FindAsync(name))!.References, Is.EqualTo([name]));
        Assert.That((await orca.Images.ListAsync()).Count, Is.EqualTo(1));
        await orca.Images.RemoveAsync(name);
        Assert.That(await orca.Images.FindAsync(name), Is.Null);
        Assert.That(() => orca.Images.RemoveAsync(name), Throws.TypeOf<StoreException>());
        Assert.That((await orca.Images.PullAsync("registry.test/busybox:1")).Digest, Is.EqualTo(Busybox().Content.Digest));
    }

    private static TestImage Busybox() => TestImage.Of(new TarBuilder().Dir("bin/")
        .Entry('0', "bin/busybox", File.ReadAllBytes("/bin/busybox"), new HeaderFields { Mode = TarBuilder.Octal(0b111_101_101, 8) }).Build());
}
