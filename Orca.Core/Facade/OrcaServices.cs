using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>Registers <see cref="IOrca"/>.</summary>
public static class OrcaServices
{
    /// <summary>Adds <see cref="IOrca"/> over the interfaces that <c>AddOrcaRegistry</c> and <c>AddOrcaSandbox</c> fill; the latter calls this.</summary>
    /// <remarks>It can be called twice, and takes the place of nothing that is registered. Notes go to loggers of the category <c>Orca.Containers</c>.</remarks>
    public static IServiceCollection AddOrca(this IServiceCollection services)
    {
        services.TryAddSingleton<IOrca>(static provider => new EmbeddedOrca(
            new ContainerRunner(
                provider.GetRequiredService<IImageStore>(),
                provider.GetRequiredService<IContainerStore>(),
                provider.GetRequiredService<ISandbox>(),
                Time(provider),
                provider.GetService<IShortNames>()),
            provider.GetRequiredService<ISandboxStarter>(),
            provider.GetService<IImagePuller>(),
            Time(provider),
            provider.GetService<ILoggerFactory>()?.CreateLogger("Orca.Containers") ?? NullLogger.Instance));
        return services;
    }

    private static TimeProvider Time(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
