using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>Registers <see cref="IOrca"/> and <see cref="IOrcaImages"/>.</summary>
public static class OrcaServices
{
    private const string Registry = "AddOrcaRegistry", Sandbox = "AddOrcaSandbox";

    /// <summary>Adds <see cref="IOrca"/> and <see cref="IOrcaImages"/> over the interfaces that <c>AddOrcaRegistry</c> and <c>AddOrcaSandbox</c> fill; both call this.</summary>
    /// <remarks>
    /// It can be called twice, and takes the place of nothing that is registered; what several calls configure adds up. Notes go to loggers of the category
    /// <c>Orca.Containers</c>. Resolving a service that needs a missing call throws <see cref="InvalidOperationException"/>, which names the call.
    /// </remarks>
    /// <param name="services">Where to add.</param>
    /// <param name="configure">Sets the options.</param>
    public static IServiceCollection AddOrca(this IServiceCollection services, Action<OrcaOptions>? configure = null)
    {
        services.AddOptions<OrcaOptions>().Configure(configure ?? (static _ => { }));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OrcaOptions>>(new OrcaOptionsCheck()));
        services.TryAddSingleton<IOrcaImages>(static provider => new OrcaImages(
            new(() => Require<IImageStore>(provider, Registry)),
            new(() => Require<IImagePuller>(provider, Registry)),
            new(() => Require<IImageLoader>(provider, Registry)),
            new(provider.GetService<IShortNames>)));
        services.TryAddSingleton<IOrca>(static provider => new EmbeddedOrca(
            new ContainerRunner(
                Require<IImageStore>(provider, Registry),
                Require<IContainerStore>(provider, Registry),
                Require<ISandbox>(provider, Sandbox),
                Time(provider),
                provider.GetService<IShortNames>()),
            Require<ISandboxStarter>(provider, Sandbox),
            new(provider.GetService<IImagePuller>),
            provider.GetRequiredService<IOrcaImages>(),
            new OrcaContainers(Require<IContainerStore>(provider, Registry), new(() => Require<IArchiveWriter>(provider, Registry))),
            provider.GetRequiredService<IOptions<OrcaOptions>>().Value,
            Time(provider),
            provider.GetService<ILoggerFactory>()?.CreateLogger("Orca.Containers") ?? NullLogger.Instance));
        return services;
    }

    private static TimeProvider Time(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static T Require<T>(IServiceProvider provider, string call)
        where T : class => provider.GetService<T>() ?? throw new InvalidOperationException($"orca lacks {typeof(T).Name}: call services.{call}()");
}
