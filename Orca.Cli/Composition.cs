using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Cli.Output;
using Orca.Core.Images;
using Orca.Registry;
using Orca.Sandbox;

namespace Orca.Cli;

/// <summary>Wires the program: every service is made by a factory when it is first asked for.</summary>
internal static class Composition
{
    /// <summary>Registers everything.</summary>
    /// <param name="options">What the common options say.</param>
    /// <param name="source">Takes the place of the registries; null for them.</param>
    public static IServiceCollection Compose(GlobalOptions options, IImageSource? source)
    {
        var services = new ServiceCollection();
        AddLogging(services, options.Debug);
#if FRONT
        services.AddOrcaStore(store => Configure(store, options));
#else
        services.AddOrcaImages(store => Configure(store, options), registry => (registry.TlsVerify, registry.NoResume, registry.AuthFile, registry.Note) = (options.TlsVerify, options.NoResume, options.AuthFile, options.Note));
#endif
        services.AddOrcaRunner();
#if !FRONT
        services.AddOrcaSubIdPrograms().AddOrcaContainerRoots().AddOrcaSandboxProbes().AddOrcaRegistryProbes();
#endif
        if (source is not null)
        {
            services.AddSingleton(source); // the last registration of a service is the one that counts
        }

        return services;
    }

    private static void Configure(Orca.Registry.Store.StoreOptions store, GlobalOptions options)
    {
        store.Root = options.Root;
        store.Notice = options.Note ?? (static line => StandardOutput.Messages.Write($"orca: note: {line}\n"));
        if (options.ImageLimits.Count > 0)
        {
            store.Limits = ImageLimits.Parse(options.ImageLimits);
        }
    }

    /// <summary>Without --debug nothing of the logging machinery is made: it would cost a third of a millisecond at every start.</summary>
    private static void AddLogging(ServiceCollection services, bool debug)
    {
        if (debug)
        {
            services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new MessageLoggerProvider(StandardOutput.Messages)));
            return;
        }

        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
    }
}
