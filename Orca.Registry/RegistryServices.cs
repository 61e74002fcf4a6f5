using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orca.Core.Containers;
using Orca.Core.Host;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Core.Upkeep;
using Orca.Registry.Archives;
using Orca.Registry.Pulling;
using Orca.Registry.Pushing;
using Orca.Registry.Remote;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;
using Orca.Registry.Store;

namespace Orca.Registry;

/// <summary>Registers what Orca.Registry offers.</summary>
public static class RegistryServices
{
    /// <summary>Adds all that images take, for a program that embeds orca: <see cref="IOrcaImages"/>, <see cref="IOrca"/>, and what they stand on.</summary>
    /// <remarks>
    /// To run containers <c>AddOrcaSandbox</c> is needed as well, before or after. It can be called twice, and adds nothing that is there already; what both calls configure
    /// adds up. Notes go to loggers of the category <c>Orca.Images</c> where the options name no delegate. <see cref="StoreOptions"/> and <see cref="RegistryOptions"/> are options (<see cref="IOptions{TOptions}"/>): they can be bound, configured and validated by other code as well.
    /// </remarks>
    /// <param name="services">Where to add.</param>
    /// <param name="configure">Chooses about the store.</param>
    /// <param name="registries">Chooses about registries.</param>
    public static IServiceCollection AddOrcaRegistry(this IServiceCollection services, Action<StoreOptions>? configure = null, Action<RegistryOptions>? registries = null)
    {
        services.AddOptions<StoreOptions>().Configure(configure ?? (static _ => { })).PostConfigure<IServiceProvider>(static (options, provider) =>
        {
            options.Root ??= provider.GetRequiredService<IOptions<OrcaOptions>>().Value.StoreRoot;
            options.Notice ??= Notes(provider);
        });
        services.AddOptions<RegistryOptions>().Configure(registries ?? (static _ => { })).PostConfigure<IServiceProvider>(static (options, provider) =>
        {
            options.TlsVerify ??= provider.GetRequiredService<IOptions<OrcaOptions>>().Value.TlsVerify;
            options.Note ??= Notes(provider);
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StoreOptions>>(new StoreOptionsCheck()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RegistryOptions>>(new RegistryOptionsCheck()));
        return services
            .Once(static provider => provider.GetRequiredService<IOptions<StoreOptions>>().Value)
            .Once(static provider => provider.GetRequiredService<IOptions<RegistryOptions>>().Value)
            .AddOrcaImages()
            .AddOrca();
    }

    /// <summary>
    /// Adds the stores (<see cref="IImageStore"/>, <see cref="IPartStore"/>, <see cref="IContainerStore"/>), their <see cref="IStoreUpkeep"/>, registries as <see cref="IImageSource"/>, <see cref="IRegistryLogins"/>, <see cref="IImagePuller"/>, <see cref="IImageLoader"/> and <see cref="IArchiveWriter"/>.
    /// </summary>
    /// <remarks>
    /// What a command line takes. Everything is made when it is first asked for: a run of a stored image never makes anything of the network. A registered
    /// <see cref="TimeProvider"/> is used; none is needed. The directory of the store is looked for when it is first needed, too.
    /// </remarks>
    public static IServiceCollection AddOrcaImages(this IServiceCollection services, Action<StoreOptions>? configure = null, Action<RegistryOptions>? registries = null) => services
        .AddOrcaStore(configure)
        .Once(_ => Configured(new RegistryOptions(), registries))
        .Once(static provider => new AuthFilePaths(Environment.GetEnvironmentVariable, CurrentUser.Uid, provider.GetRequiredService<RegistryOptions>().AuthFile))
        .Once(static provider => new AuthFiles(provider.GetRequiredService<AuthFilePaths>(), provider.GetRequiredService<RegistryOptions>().Note))
        .Once(static _ => new CredentialProgram(Environment.GetEnvironmentVariable))
        .Once(static provider => MakeSessions(provider, provider.GetRequiredService<RegistryOptions>()))
        .Once<IRegistryLogins>(static provider => new RegistryLogins(
            provider.GetRequiredService<AuthFiles>(),
            provider.GetRequiredService<CredentialProgram>(),
            provider.GetRequiredService<SessionCatalog>(),
            provider.GetRequiredService<Lazy<RegistriesPolicy>>(),
            provider.GetRequiredService<RegistryOptions>().TlsVerify))
        .Once<IPartStore>(static provider => new PartStore(
            provider.GetRequiredService<StoreRoot>(), new LockNotice(provider.GetRequiredService<StoreOptions>().Notice, Time(provider))))
        .Once<IStoreUpkeep>(static provider => new StoreUpkeep(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<ImageStore>()))
        .Once<IImageSource>(static provider => MakeClient(provider, provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance, provider.GetRequiredService<StoreOptions>().Limits))
        .Once<IImagePuller>(static provider => new ImagePuller(
            provider.GetRequiredService<IImageSource>(), provider.GetRequiredService<IImageStore>(), provider.GetRequiredService<IPartStore>(), Time(provider), provider.GetRequiredService<StoreOptions>().Limits,
            provider.GetRequiredService<IShortNames>(), provider.GetRequiredService<RegistryOptions>().Note,
            keepsParts: !provider.GetRequiredService<RegistryOptions>().NoResume))
        .Once<IFileTransfer>(static _ => new Transfers.FileTransfer())
        .Once<IArchiveWriter>(static provider => new ArchiveWriter(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<IImageStore>()))
        .Once<IImagePusher>(static provider => new ImagePusher(
            provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<SessionCatalog>(), provider.GetRequiredService<Lazy<RegistriesPolicy>>(), provider.GetRequiredService<RegistryOptions>().TlsVerify))
        .Once<IImageHistory>(static provider => new ImageHistory(provider.GetRequiredService<StoreRoot>()))
        .Once<IContainerCommitter>(static provider => new ContainerCommitter(
            provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<IImageStore>(), Time(provider), provider.GetRequiredService<StoreOptions>().Limits))
        .Once<IImageLoader>(static provider => new ImageLoader(
            provider.GetRequiredService<IImagePuller>(), provider.GetRequiredService<IImageStore>(), provider.GetRequiredService<StoreRoot>(),
            new UrlDownload(static () => RegistryHandler.Create(), Time(provider), (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<UrlDownload>()), Time(provider), provider.GetRequiredService<StoreOptions>().Limits,
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
        .Once(_ => Configured(new StoreOptions(), configure))
        .Once(static provider => new StoreRoot(StoreLocation.Resolve(provider.GetRequiredService<StoreOptions>().Root), remover: provider.GetService<ISubIdTreeRemover>()))
        .Once(static provider => new Lazy<RegistriesPolicy>(() => RegistriesFiles.Read(Environment.GetEnvironmentVariable, note: provider.GetRequiredService<StoreOptions>().Notice)))
        .Once<IShortNames>(static provider => new ShortNames(
            provider.GetRequiredService<Lazy<RegistriesPolicy>>(), static () => RegistriesFiles.MaySet(ShortNames.Key, Environment.GetEnvironmentVariable, root: string.Empty)))
        .Once(static provider => new ImageStore(
            provider.GetRequiredService<StoreRoot>(), Time(provider), StoreLocation.ResolveBehind(provider.GetRequiredService<StoreOptions>().Behind), provider.GetRequiredService<StoreOptions>().Notice, provider.GetRequiredService<StoreOptions>().Limits,
            keepsHidden: provider.GetService<RegistryOptions>()?.NoResume != true))
        .Once<IImageStore>(static provider => provider.GetRequiredService<ImageStore>())
        .Once<IImageNames>(static provider => provider.GetRequiredService<ImageStore>())
        .Once<IStoreMeter>(static provider => new StoreMeter(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<ImageStore>()))
        .Once<IVolumeStore>(static provider => new VolumeStore(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<IContainerStore>()))
        .Once<ISnapshotStore>(static provider => new SnapshotStore(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<ImageStore>(), Time(provider)))
        .Once<IContainerStore>(static provider => new ContainerStore(provider.GetRequiredService<StoreRoot>(), provider.GetRequiredService<ImageStore>()));

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

    private static T Configured<T>(T options, Action<T>? configure)
    {
        configure?.Invoke(options);
        return options;
    }

    /// <summary>Adds a service that is made when it is first asked for, unless one of its kind is there.</summary>
    private static IServiceCollection Once<T>(this IServiceCollection services, Func<IServiceProvider, T> make)
        where T : class
    {
        services.TryAddSingleton(make);
        return services;
    }

    private static Action<string>? Notes(IServiceProvider provider)
    {
        var logger = provider.GetService<ILoggerFactory>()?.CreateLogger("Orca.Images");
        return logger is null ? null : text => logger.LogWarning("{Note}", text);
    }

    private static TimeProvider Time(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
