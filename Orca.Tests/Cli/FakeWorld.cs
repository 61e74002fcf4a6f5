using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orca.Cli;
using Orca.Cli.Commands;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Core.Upkeep;

namespace Orca.Tests.Cli;

/// <summary>Everything below the command line, in memory: images, containers, a source that always delivers, a runner that remembers what it was asked.</summary>
internal sealed class FakeWorld : IHostProbe, IImageStore, IContainerStore, IImagePuller, IImageLoader, IArchiveWriter, IContainerRunner, IStoreMeter, IStoreUpkeep, IRegistryLogins, IUserInput, IShortNames
{
    public static readonly Digest SomeDigest = Digest.Parse("sha256:" + new string('a', 64));

    public RecordingOutput Out { get; } = new();

    public RecordingOutput Error { get; } = new();

    public ManualTime Time { get; } = new();

    public List<string> Variables { get; } = [];

    public List<StoredImage> Images { get; } = [];

    public List<ContainerSummary> Containers { get; } = [];

    public List<string> Removed { get; } = [];

    public List<(ImageReference Reference, Platform Platform)> Pulled { get; } = [];

    public List<ImageReference> Restarts { get; } = [];

    public List<LoadRequest> Loaded { get; } = [];

    public List<string> Finished { get; } = [];

    public List<GlobalOptions> Composed { get; } = [];

    public List<(string Registry, string User, string Password)> Logins { get; } = [];

    /// <summary>The registries that short names are searched at; none for docker.io.</summary>
    public List<string> Search { get; } = [];

    /// <summary>What the user types; null for no terminal.</summary>
    public Queue<string>? Typed { get; set; }

    public byte[] StandardInput { get; set; } = [];

    public RunRequest? Ran { get; private set; }

    public (string Name, ExecRequest Request)? Executed { get; private set; }

    public int Status { get; set; }

    public List<HostFinding> Findings { get; } = [];

    public Func<Exception>? Failure { get; set; }

    public PruneReport Pruned { get; set; } = new();

    public bool Shared { get; private set; }

    public PruneOptions? PruneAsked { get; private set; }

    public StoreReport Checked { get; set; } = new() { Images = 2, Entries = 10, Findings = [] };

    public CheckOptions? CheckAsked { get; private set; }

    public int Run(params string[] arguments)
    {
        using var context = Context();
        return CommandLine.Run(arguments, context);
    }

    public CommandContext Context() => Context(new HostEnvironment(() => [.. Variables.Select(Encoding.UTF8.GetBytes)]));

    private CommandContext Context(HostEnvironment environment) => new()
    {
        Out = Out,
        Error = Error,
        Environment = environment,
        Files = new NamedFiles(environment),
        Compose = Compose,
        Restart = Restarts.Add,
        Time = Time,
        Input = this,
    };

    public StoredImage Add(string name) => Add(ImageReference.Parse(name));

    public StoredImage? Find(ImageReference reference) => Images.Find(image => image.References.Contains(reference) || image.Digest == reference.Digest);

    public IReadOnlyList<ImageReference> Meanings(ImageReference name) => name.ShortPath is null || Search.Count == 0 ? [name] : [.. Search.Select(place => ImageReference.Parse($"{place}/{name.ShortPath}:{name.Tag}")), name];

    public IReadOnlyList<ImageReference> Sources(ImageReference name) => name.ShortPath is null || Search.Count == 0 ? [name] : [.. Meanings(name).SkipLast(1)];

    public StoredImage? Find(Digest digest) => Images.Find(image => image.Digest == digest);

    IReadOnlyList<StoredImage> IImageStore.List() => Failure is null ? Images : throw Failure();

    public IImageBuilder Begin(ImageContent content, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Tag(ImageReference reference, Digest digest) => throw new NotSupportedException();

    public IReadOnlyList<Digest> Remove(ImageReference reference, bool force)
    {
        if (Find(reference) is not { } image)
        {
            return force ? [] : throw new StoreException($"cannot remove image '{reference.Familiar}': it is not in the store");
        }

        Images.Remove(image);
        Removed.Add(reference.Familiar);
        return [image.Digest];
    }

    ContainerRecord? IContainerStore.Find(string name) => Containers.Find(container => container.Record.Name == name)?.Record;

    public IContainer CreateEphemeral(StoredImage image, ContainerRecord record) => throw new NotSupportedException();

    public IContainer Create(StoredImage image, ContainerRecord record) => throw new NotSupportedException();

    public IContainer Open(string name) => throw new NotSupportedException();

    void IContainerFinisher.Finish(string token) => throw new NotSupportedException();

    ContainerInstance? IContainerCatalog.FindRunning(string name) => null;

    IReadOnlyList<ContainerSummary> IContainerCatalog.List() => Containers;

    public ContainerSummary? Look(string name) => Containers.Find(container => container.Record.Name == name);

    public IContainerWatch Watch(string name) => throw new NotSupportedException();
    public Orca.Core.Linux.Fd OpenDirectory(string name) => throw new NotSupportedException();
    public IReadOnlyList<ContainerChange> Changes(string name) => [];
    public void Rename(string from, string to) => throw new NotSupportedException();

    public void Remove(string name, bool force)
    {
        if (Containers.RemoveAll(container => container.Record.Name == name) == 0)
        {
            throw new StoreException($"cannot remove container '{name}': there is none of that name");
        }

        Removed.Add(name);
    }

    public Task<StoredImage> PullAsync(ImageReference reference, Platform platform, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        Pulled.Add((reference, platform));
        if (Failure is not null)
        {
            return Task.FromException<StoredImage>(Failure());
        }

        progress?.Report(new PullProgress(SomeDigest, 0, 1, PullStage.Fetching, 10, 1000));
        progress?.Report(new PullProgress(SomeDigest, 0, 1, PullStage.Done, 1000, 1000));
        return Task.FromResult(Add(Sources(reference)[^1])); // the last registry has it
    }

    public Task<string> LoginAsync(string registry, string user, string password, CancellationToken cancellationToken)
    {
        if (Failure is not null)
        {
            return Task.FromException<string>(Failure());
        }

        Logins.Add((registry, user, password));
        return Task.FromResult("/home/bob/.docker/config.json");
    }

    public Task<IReadOnlyList<string>> LogoutAsync(string registry, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>(Logins.RemoveAll(login => login.Registry == registry) > 0 ? ["/home/bob/.docker/config.json"] : []);

    public string? Ask(string question) => AskSecret(question);

    public string? AskSecret(string question)
    {
        Error.Write(question);
        return Typed?.Dequeue();
    }

    public byte[] ReadAll(int limit) => StandardInput;

    public async Task<IReadOnlyList<LoadedImage>> LoadAsync(LoadRequest request, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        Loaded.Add(request);
        var name = request.Name ?? request.Location.Reference ?? ImageReference.Parse("archive/one:1");
        var image = await PullAsync(name, request.Platform, progress, cancellationToken);
        return [new LoadedImage(image, image.References, request.Replace ? [name] : [])];
    }

    public void Save(IReadOnlyList<SavedImage> images, ArchiveFormat format, Stream output, CancellationToken cancellationToken) =>
        Write(output, $"saved {string.Join(' ', images.SelectMany(image => image.Names.Select(name => name.Familiar)))} as {format}");

    public void Export(string container, Stream output, CancellationToken cancellationToken) => Write(output, $"exported {container}");

    public ResolvedRun Resolve(RunRequest request) => new() { Request = request, NeedsPull = request.Pull != PullPolicy.Never && request.Image is { } image && Find(image) is null };

    public string Create(ResolvedRun run, Action<string>? note)
    {
        Ran = run.Request;
        return Failure is null ? run.Request.Name ?? "made" : throw Failure();
    }

    public ExitStatus Run(ResolvedRun run, SandboxRunOptions options, CancellationToken cancellationToken)
    {
        Ran = run.Request;
        return Failure is null ? new ExitStatus(Status) : throw Failure();
    }

    public ExitStatus Exec(string name, ExecRequest request, SandboxRunOptions options, CancellationToken cancellationToken)
    {
        Executed = (name, request);
        return Failure is null ? new ExitStatus(Status) : throw Failure();
    }

    public SandboxOutline Outline(string name, ExecRequest request) => new(["none"], ["join", name, .. request.Command]);

    public void Finish(string token, ExitStatus status, Action<string>? note) => Finished.Add(token);

    public (string Store, string FileSystem) Locate() => Measure() is var usage ? (usage.Store, usage.FileSystem) : default;

    public StoreUsage Measure() => new()
    {
        Store = "/store",
        FileSystem = "ext4",
        Free = 5_000_000_000,
        Images = [.. Images.Select(image => new ImageUsage(image, 8_000_000, 2_000_000))],
        ImageBytes = 14_000_000,
        Containers = [.. Containers.Select(container => new ContainerUsage(container.Record.Name, 4096))],
        Parts = new PileUsage(1, 1_000_000),
        Staging = default,
        Garbage = new PileUsage(2, 8192),
    };

    /// <summary>What the store finds damaged.</summary>
    public List<StoreFinding> Damage { get; } = [];

    public IReadOnlyList<StoreFinding> FindDamage(bool containersOnly = false) => containersOnly ? [.. Damage.Where(static finding => finding.Container is not null)] : Damage;

    public IReadOnlyList<ImageSharing> MeasureSharing() => [.. Images.DistinctBy(image => image.Digest).Select(image => new ImageSharing(image, 1_500_000))];

    public PruneReport Prune(PruneOptions options)
    {
        PruneAsked = options;
        return Pruned;
    }

    public ShareReport Share()
    {
        Shared = true;
        return new ShareReport("/store", 2);
    }

    public void Unshare() => Shared = false;

    public StoreReport Check(CheckOptions options, CancellationToken cancellationToken)
    {
        CheckAsked = options;
        return Checked;
    }

    public SandboxOutline Outline(RunRequest request)
    {
        Ran = request;
        return Failure is null ? new SandboxOutline(["user", "mount"], ["first", "second \"quoted\""]) : throw Failure();
    }

    public IEnumerable<HostFinding> Examine(CancellationToken cancellationToken) => Findings;

    private ServiceCollection Compose(GlobalOptions options, IImageSource? source)
    {
        Composed.Add(options);
        var services = new ServiceCollection();
        services.AddSingleton<IImageStore>(this).AddSingleton<IContainerStore>(this).AddSingleton<IImagePuller>(this).AddSingleton<IContainerRunner>(this);
        services.AddSingleton<IHostProbe>(this).AddSingleton<IShortNames>(this);
        services.AddSingleton<IStoreMeter>(this).AddSingleton<IStoreUpkeep>(this).AddSingleton<IRegistryLogins>(this);
        services.AddSingleton<IImageLoader>(this).AddSingleton<IArchiveWriter>(this);
        return services;
    }

    private void Write(Stream output, string text)
    {
        output.Write(Encoding.UTF8.GetBytes(text));
        if (Failure is not null)
        {
            throw Failure();
        }
    }

    private StoredImage Add(ImageReference reference)
    {
        var image = new StoredImage
        {
            Digest = SomeDigest,
            Config = new ImageConfig { Platform = new Platform("linux", "amd64"), DiffIds = [] },
            Rootfs = "images/x/rootfs",
            References = [reference],
            Size = 7_654_321,
            Pulled = Time.GetUtcNow() - TimeSpan.FromHours(5),
        };
        Images.Add(image);
        return image;
    }
}
