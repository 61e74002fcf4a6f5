using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Core.Containers;
using Orca.Core.Host;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Sandbox.Diagnosis;
using Orca.Sandbox.Launch;
using Orca.Sandbox.SubIds;

namespace Orca.Sandbox;

/// <summary>Registers what Orca.Sandbox offers.</summary>
public static class SandboxServices
{
    /// <summary>Adds all that starting containers from a program takes: <see cref="IOrca"/> and what it stands on.</summary>
    /// <remarks>
    /// The stores come from <c>AddOrcaRegistry</c>, which may be called before or after. A registered <see cref="ILoggerFactory"/> and <see cref="TimeProvider"/> are used; none is needed.
    /// It can be called twice, and adds nothing that is there already.
    /// </remarks>
    public static IServiceCollection AddOrcaSandbox(this IServiceCollection services)
    {
        services.TryAddSingleton<ISandboxStarter>(static provider =>
            new SandboxStarter(provider.GetService<ILoggerFactory>()?.CreateLogger("Orca.Sandbox") ?? NullLogger.Instance));
        return services.AddOrcaRunner().AddOrca();
    }

    /// <summary>
    /// Adds <see cref="ISandbox"/>, which runs commands in Linux namespaces, <see cref="IContainerRunner"/>, the pipeline on top of it, and
    /// <see cref="ISubIdTreeRemover"/>, with which the stores delete what containers of many ids leave.
    /// </summary>
    /// <remarks>
    /// What a command line takes. The runner needs the stores, as <c>AddOrcaRegistry</c> registers them. A registered <see cref="ILoggerFactory"/> and
    /// <see cref="TimeProvider"/> are used; none is needed.
    /// </remarks>
    public static IServiceCollection AddOrcaRunner(this IServiceCollection services)
    {
        services.TryAddSingleton<ISandbox>(static provider =>
            new SandboxLauncher(provider.GetService<ILoggerFactory>()?.CreateLogger("Orca.Sandbox") ?? NullLogger.Instance));
        services.TryAddSingleton<ISubIdTreeRemover>(static _ => new SubIdTreeRemover());
        services.TryAddSingleton<IContainerRunner>(static provider => new ContainerRunner(
            provider.GetRequiredService<IImageStore>(),
            provider.GetRequiredService<IContainerStore>(),
            provider.GetRequiredService<ISandbox>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetService<IShortNames>(),
            provider.GetService<IVolumeStore>()));
        return services;
    }

    /// <summary>Adds <see cref="IContainerRoots"/>, with which programs reach the files of containers. The stores come from <c>AddOrcaRegistry</c>.</summary>
    public static IServiceCollection AddOrcaContainerRoots(this IServiceCollection services) => services.AddSingleton<IContainerRoots>(static provider => new ContainerRoots(
        (ContainerRunner)provider.GetRequiredService<IContainerRunner>(), new SandboxStarter(provider.GetService<ILoggerFactory>()?.CreateLogger("Orca.Sandbox") ?? NullLogger.Instance)));

    /// <summary>Adds <see cref="ISubIdProgram"/>, with which programs read what containers of many ids leave.</summary>
    public static IServiceCollection AddOrcaSubIdPrograms(this IServiceCollection services) => services.AddSingleton<ISubIdProgram>(static _ => new SubIdProgram());

    /// <summary>Adds what tries the kernel and the machine, as <see cref="IHostProbe"/>.</summary>
    public static IServiceCollection AddOrcaSandboxProbes(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostProbe, KernelProbe>(static _ => new KernelProbe()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostProbe, MachineProbe>(static provider => new MachineProbe(provider.GetService<TimeProvider>() ?? TimeProvider.System)));
        return services;
    }

    /// <summary>Adds a health check that tries what containers need of this host. It can be called once for each name.</summary>
    /// <remarks>
    /// Unhealthy when containers cannot run; healthy where the host lacks something that orca does in another way. The data has each finding. A check takes some milliseconds, in which
    /// it makes namespaces and lets them go.
    /// </remarks>
    /// <param name="builder">Where to add.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">What is reported when containers cannot run; null for unhealthy.</param>
    /// <param name="tags">Tags of the check.</param>
    public static IHealthChecksBuilder AddOrca(this IHealthChecksBuilder builder, string name = "orca", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        builder.Services.AddOrcaSandboxProbes();
        return builder.Add(new HealthCheckRegistration(name, static provider => new HostHealthCheck(provider.GetServices<IHostProbe>()), failureStatus, tags));
    }
}
