using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Core.Containers;
using Orca.Core.Host;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Core.Upkeep;
using Orca.Registry.Archives;
using Orca.Registry.Pulling;
using Orca.Registry.Remote;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;
using Orca.Registry.Store;

namespace Orca.Registry;

/// <summary>Registers what Orca.Registry offers.</summary>
public static class RegistryServices
{
    /// <summary>
    /// Adds the stores (<see cref="IImageStore"/>, <see cref="IPartStore"/>, <see cref="IContainerStore"/>), their <see cref="IStoreUpkeep"/>, registries as <see cref="IImageSource"/>, <see cref="IRegistryLogins"/>, <see cref="IImagePuller"/>, <see cref="IImageLoader"/> and <see cref="IArchiveWriter"/>.
    /// </summary>
    /// <remarks>
    /// Everything is made when it is first asked for: a run of a stored image never makes anything of the network. A registered
    /// <see cref="TimeProvider"/> is used; none is needed. The directory of the store is looked for when it is first needed, too.
    /// </remarks>
    public static IServiceCollection AddOrcaRegistry(this IServiceCollection services, Action<StoreOptions>? configure = null, Action<RegistryOptions>? registries = null) => services
        .AddOrcaStore(configure)
        .AddSingleton(_ => Options(registries))
        .AddSingleton(static provider => new AuthFilePaths(Environment.GetEnvironmentVariable, CurrentUser.Uid, provider.GetRequiredService<RegistryOptions>().AuthFile))
        .AddSingleton(static provider => new AuthFiles(provider.GetRequiredService<AuthFilePaths>(), provider.GetRequiredService<RegistryOptions>().Note))
        .AddSingleton(static _ => new CredentialProgram(Environment.GetEnvironmentVariable))
        .AddSingleton(static provider => MakeSessions(provider, provider.GetRequiredService<RegistryOptions>()))
        .AddSingleton<IRegistryLogins>(static provider => new RegistryLogins(
            provider.GetRequiredService<AuthFiles>(),
            provider.GetRequiredService<CredentialProgram>(),
            provider.GetRequiredService<SessionCatalog>(),
            provider.GetRequiredService<Lazy<RegistriesPolicy>>(),
            provider.GetRequiredService<RegistryOptions>().TlsVerify))
        .AddSingleton<IPartStore>(provider => new PartStore(
            provider.GetRequiredService<StoreRoot>(), new LockNotice(Options(configure).Notice, Time(provider))))
        .AddSingleton<IStoreUpkeep>(static provider => new StoreUpkeep(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<ImageStore>()))
        .AddSingleton<IImageSource>(provider => MakeClient(provider, provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance, Options(configure).Limits))
        .AddSingleton<IImagePuller>(provider => new ImagePuller(
            provider.GetRequiredService<IImageSource>(), provider.GetRequiredService<IImageStore>(), provider.GetRequiredService<IPartStore>(), Time(provider), Options(configure).Limits,
            provider.GetRequiredService<IShortNames>(), provider.GetRequiredService<RegistryOptions>().Note,
            new StagingArea(provider.GetRequiredService<StoreRoot>()).OpenWindow, keepsParts: !provider.GetRequiredService<RegistryOptions>().NoResume))
        .AddSingleton<IArchiveWriter>(static provider => new ArchiveWriter(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<IImageStore>()))
        .AddSingleton<IImageLoader>(provider => new ImageLoader(
            provider.GetRequiredService<IImagePuller>(), provider.GetRequiredService<IImageStore>(), provider.GetRequiredService<StoreRoot>(),
            new UrlDownload(static () => RegistryHandler.Create(), Time(provider), (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<UrlDownload>()), Time(provider), Options(configure).Limits,
            provider.GetRequiredService<IShortNames>()));

    /// <summary>Adds what tries the place of the store and the network, as <see cref="IHostProbe"/>; with <see cref="AddOrcaRegistry"/>.</summary>
    public static IServiceCollection AddOrcaRegistryProbes(this IServiceCollection services) => services
        .AddSingleton<IHostProbe>(static provider => new StoreProbe(provider.GetRequiredService<StoreRoot>))
        .AddSingleton<IHostProbe>(static provider => new NetworkProbe(Time(provider)));

    /// <summary>Adds only the stores of images and containers: enough to run what was pulled, with nothing of the network.</summary>
    /// <remarks>
    /// With them come the <see cref="IStoreMeter"/>, and the <see cref="IShortNames"/> that registries.conf sets. A registered <see cref="ISubIdTreeRemover"/> deletes what
    /// containers with sub-ids leave. As <see cref="AddOrcaRegistry"/> otherwise.
    /// </remarks>
    public static IServiceCollection AddOrcaStore(this IServiceCollection services, Action<StoreOptions>? configure = null) => services
        .AddSingleton(provider => new StoreRoot(StoreLocation.Resolve(Options(configure).Root), remover: provider.GetService<ISubIdTreeRemover>()))
        .AddSingleton(_ => new Lazy<RegistriesPolicy>(() => RegistriesFiles.Read(Environment.GetEnvironmentVariable, note: Options(configure).Notice)))
        .AddSingleton<IShortNames>(static provider => new ShortNames(
            provider.GetRequiredService<Lazy<RegistriesPolicy>>(), static () => RegistriesFiles.MaySet(ShortNames.Key, Environment.GetEnvironmentVariable, root: string.Empty)))
        .AddSingleton(provider => new ImageStore(
            provider.GetRequiredService<StoreRoot>(), Time(provider), StoreLocation.ResolveBehind(Options(configure).Behind), Options(configure).Notice, Options(configure).Limits))
        .AddSingleton<IImageStore>(static provider => provider.GetRequiredService<ImageStore>())
        .AddSingleton<IStoreMeter>(static provider => new StoreMeter(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<ImageStore>()))
        .AddSingleton<IContainerStore>(static provider => new ContainerStore(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<ImageStore>()));

    private static RegistryClient MakeClient(IServiceProvider provider, ILoggerFactory loggers, ImageLimits limits) => new(
        provider.GetRequiredService<SessionCatalog>(),
        provider.GetRequiredService<Lazy<RegistriesPolicy>>(),
        provider.GetRequiredService<RegistryOptions>().TlsVerify,
        Time(provider),
        loggers.CreateLogger<RegistryClient>(),
        limits);

    private static SessionCatalog MakeSessions(IServiceProvider provider, RegistryOptions options)
    {
        var insecure = new InsecureHosts(all: options.TlsVerify == false);
        var note = options.Note ?? (static _ => { });
        var once = new NotedOnce(note);
        return new SessionCatalog(
            new AuthFileCredentials(provider.GetRequiredService<AuthFiles>(), provider.GetRequiredService<CredentialProgram>()),
            insecure,
            new LoginRules(insecure, static port => PortOwners.Problem(port, CurrentUser.Uid)),
            () => new HostHandlers(
                insecure,
                uri => CertificateDirectory.Find(uri, Environment.GetEnvironmentVariable, note: once.Note),
                static (certificates, isInsecure) => RegistryHandler.Create(certificates: certificates, isInsecure: isInsecure)),
            Time(provider),
            note,
            (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<SessionCatalog>());
    }

    private static RegistryOptions Options(Action<RegistryOptions>? configure)
    {
        var options = new RegistryOptions();
        configure?.Invoke(options);
        return options;
    }

    private static StoreOptions Options(Action<StoreOptions>? configure)
    {
        var options = new StoreOptions();
        configure?.Invoke(options);
        return options;
    }

    private static TimeProvider Time(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
