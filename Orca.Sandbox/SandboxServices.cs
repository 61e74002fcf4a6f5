using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orca.Core.Sandbox;
using Orca.Sandbox.Launch;

namespace Orca.Sandbox;

/// <summary>Registers what Orca.Sandbox offers.</summary>
public static class SandboxServices
{
    /// <summary>Adds <see cref="ISandbox"/>, which runs commands in Linux namespaces.</summary>
    /// <remarks>Needs logging to be registered (<c>services.AddLogging()</c>).</remarks>
    public static IServiceCollection AddOrcaSandbox(this IServiceCollection services) =>
        services.AddSingleton<ISandbox>(static provider =>
            new SandboxLauncher(provider.GetRequiredService<ILoggerFactory>().CreateLogger("Orca.Sandbox")));
}
