using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Registry;
using Orca.Sandbox;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Pipeline;

/// <summary>From a reference to an exit status as a .NET host wires it, with every effect faked: no network, no disk, no namespaces.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PipelineTests
{
    private static readonly ImageReference s_reference = ImageReference.Parse("registry.test/app:1");
    private static readonly RunRequest s_run = new() { Image = s_reference, Options = new RunOptions { Process = new() { Command = ["true"], Terminal = false } } };
    private readonly FakeImageSource _source = new();
    private readonly MemoryImageStore _images = new();
    private readonly FakeSandbox _sandbox = new();
    private MemoryContainerStore _containers = null!;
    private ServiceProvider _services = null!;

    [SetUp]
    public void Compose()
    {
        _source.Add("registry.test/app:1", TestImage.Small());
        _containers = new MemoryContainerStore(_images);
        _services = new ServiceCollection()
            .AddOrcaRegistry()
            .AddOrcaSandbox()
            .AddSingleton<IImageSource>(_source)
            .AddSingleton<IImageStore>(_images)
            .AddSingleton<IPartStore>(new MemoryPartStore())
            .AddSingleton<IContainerStore>(_containers)
            .AddSingleton<ISandbox>(_sandbox)
            .BuildServiceProvider();
    }

    [TearDown]
    public void Dispose() => _services.Dispose();

    [Test]
    public async Task ShortName_RunsWhatTheStoreHas_ByTheFirstOfItsMeanings()
    {
        var names = new FakeShortNames("none.test/app:1", "registry.test/app:1");
        var runner = new ContainerRunner(_images, _containers, _sandbox, TimeProvider.System, names);
        var request = s_run with { Image = ImageReference.Parse("app:1"), Name = "work" };
        Assert.That(runner.Resolve(request).NeedsPull, Is.True);
        var image = await Puller.PullAsync(s_reference, Platform.Current, progress: null, CancellationToken.None);
        Assert.That(runner.Resolve(request).NeedsPull, Is.False, "no network for what is there");

        runner.Run(request, new SandboxRunOptions(), CancellationToken.None);
        runner.Run(request, new SandboxRunOptions(), CancellationToken.None);
        Assert.That(_containers.Find("work")!.Image, Is.EqualTo(s_reference), "the record tells where it is from");

        _images.Tag(ImageReference.Parse("none.test/app:1"), image.Digest);
        runner.Run(request with { Name = "other" }, new SandboxRunOptions(), CancellationToken.None);
        Assert.That(_containers.Find("other")!.Image.ToString(), Is.EqualTo("none.test/app:1"));
    }

    [Test]
    public async Task ReferenceToExitStatus_WithoutAKernel()
    {
        _sandbox.OnRun = static _ => 7;
        var request = new RunRequest { Image = s_reference, Options = new RunOptions { Process = new() { Command = ["make", "-j2"], Env = ["A=1"], Terminal = false } } };
        Assert.That(Runner.Resolve(request).NeedsPull, Is.True);

        var image = await Puller.PullAsync(s_reference, Platform.Current, progress: null, CancellationToken.None);

        Assert.That(Runner.Resolve(request).NeedsPull, Is.False);
        Assert.That(Runner.Run(request, new SandboxRunOptions(), CancellationToken.None).Code, Is.EqualTo(7));
        Assert.That(_images.Find(s_reference)!.Digest, Is.EqualTo(image.Digest));
        Assert.That(_sandbox.Specs.Single().Arguments, Is.EqualTo(new[] { "make", "-j2" }));
        Assert.That(_sandbox.Specs.Single().Env, Does.Contain("A=1"));
    }

    [Test]
    public void Run_OfAMissingImage_IsRefusedAndStartsNothing()
    {
        Assert.That(() => Runner.Run(new RunRequest { Image = s_reference }, new SandboxRunOptions(), CancellationToken.None), Throws.TypeOf<StoreException>());
        Assert.That(() => Runner.Resolve(new RunRequest { Image = s_reference, Pull = PullPolicy.Never }).NeedsPull, Throws.TypeOf<StoreException>());
        Assert.That(_sandbox.Specs, Is.Empty);
    }

    [Test]
    public async Task KeptContainer_IsReenteredWithItsOptionsButNotItsCommand()
    {
        await Puller.PullAsync(s_reference, Platform.Current, progress: null, CancellationToken.None);
        var first = new RunOptions { Process = new() { Command = ["first"], Env = ["A=1", "B=1"], Terminal = false }, Network = new() { Hostname = "box" } };
        Runner.Run(new RunRequest { Image = s_reference, Name = "work", Options = first }, new SandboxRunOptions(), CancellationToken.None);
        Runner.Run(new RunRequest { Name = "work", Options = new RunOptions { Process = new() { Command = ["second"], Env = ["B=2"], Terminal = false } } }, new SandboxRunOptions(), CancellationToken.None);

        var spec = _sandbox.Specs[1];
        Assert.That(spec.Arguments, Is.EqualTo(new[] { "second" }));
        Assert.That(spec.Env, Does.Contain("A=1").And.Contain("B=2").And.Contain("HOSTNAME=box"));
        Assert.That(() => Runner.Run(new RunRequest { Image = ImageReference.Parse("other"), Name = "work" }, new SandboxRunOptions(), CancellationToken.None),
            Throws.TypeOf<StoreException>().With.Message.Contains("made from"));
    }

    [Test]
    public async Task HostWithoutOverlay_GetsACopyAndANote()
    {
        await Puller.PullAsync(s_reference, Platform.Current, progress: null, CancellationToken.None);
        var notes = new List<string>();
        _sandbox.OnRun = static spec => spec.Root.Copy is null ? throw new SandboxException("cannot mount overlay") { OverlayRefused = true } : 0;
        var options = new RunOptions { Process = new() { Command = ["true"], Terminal = false } };

        var status = Runner.Run(new RunRequest { Image = s_reference, Options = options }, new SandboxRunOptions { Note = notes.Add }, CancellationToken.None);

        Assert.That(status.Success, Is.True);
        Assert.That(notes.Single(), Does.Contain("runs on a copy"));
        Assert.That(_sandbox.Specs[1].Root.Copy, Is.Not.Null);
    }

    [Test]
    public async Task HostThatMasksProc_LendsItsOwn_WithANote()
    {
        await Puller.PullAsync(s_reference, Platform.Current, progress: null, CancellationToken.None);
        var notes = new List<string>();
        _sandbox.OnRun = static spec => spec.HostProc ? 3 : throw new SandboxException("cannot mount proc") { ProcRefused = true };

        var status = Runner.Run(s_run, new SandboxRunOptions { Note = notes.Add }, CancellationToken.None);

        Assert.That(status.Code, Is.EqualTo(3));
        Assert.That(notes.Single(), Does.Contain("masks part of /proc"));
    }

    [Test]
    public async Task HostWithNeitherOverlayNorProcNorSpace_RunsTheImageItself_ReadOnly()
    {
        await Puller.PullAsync(s_reference, Platform.Current, progress: null, CancellationToken.None);
        _containers.CopyFailure = static () => new StoreException("no space");
        _containers.Files["/etc/hosts"] = [];
        _sandbox.OnRun = static spec => spec.Root.Copy is null ? throw new SandboxException("cannot mount overlay") { OverlayRefused = true }
            : spec.HostProc ? 0 : throw new SandboxException("cannot mount proc") { ProcRefused = true };
        var notes = new List<string>();

        Runner.Run(s_run, new SandboxRunOptions { Note = notes.Add }, CancellationToken.None);

        var spec = _sandbox.Specs[^1];
        Assert.That((spec.Root.Copy, spec.Root.IsShared, spec.ReadOnly, spec.HostProc), Is.EqualTo((_images.Find(s_reference)!.Rootfs, true, true, true)));
        Assert.That(spec.Files.Select(file => file.Path), Is.EqualTo(["/etc/hosts"]), "the image has no other");
        Assert.That(notes, Has.Count.EqualTo(2));
        Assert.That(notes[0], Does.Contain("no space").And.Contain("read-only"));
    }

    [Test]
    public async Task KeptContainer_WithoutOverlayAndSpace_IsRefused_ForItsChangesWouldBeHidden()
    {
        await Puller.PullAsync(s_reference, Platform.Current, progress: null, CancellationToken.None);
        _containers.CopyFailure = static () => new StoreException("no space");
        _sandbox.OnRun = static _ => throw new SandboxException("cannot mount overlay") { OverlayRefused = true };
        Assert.That(() => Runner.Run(s_run with { Name = "work" }, new SandboxRunOptions(), CancellationToken.None), Throws.TypeOf<StoreException>().With.Message.EqualTo("no space"));
    }

    [Test]
    public async Task Outline_RunsNothing_AndMakesNoKeptContainer()
    {
        await Puller.PullAsync(s_reference, Platform.Current, progress: null, CancellationToken.None);
        Assert.That(Runner.Outline(s_run with { Name = "work", Fresh = true }).Steps, Is.EqualTo(["execute true"]));
        Assert.That(_sandbox.Specs, Is.Empty);
        Assert.That(_containers.List(), Is.Empty);
    }

    private IContainerRunner Runner => _services.GetRequiredService<IContainerRunner>();

    private IImagePuller Puller => _services.GetRequiredService<IImagePuller>();
}
