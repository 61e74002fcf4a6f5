using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry;
using Orca.Sandbox;
using Orca.Tests.Sandbox;

namespace Orca.Tests.Facade;

/// <summary>The library as a program composes it, over a store of its own that has one image, <c>busybox</c>.</summary>
internal sealed class RealOrca : IDisposable
{
    private readonly MinimalRoot _root = new();

    public RealOrca(ILoggerFactory? loggers = null)
    {
        Directory.CreateDirectory(Path.Combine(_root.Store, "rootfs/usr"));
        var broken = Path.Combine(_root.Store, "rootfs/usr/broken");
        File.WriteAllText(broken, "#!/no/such/interpreter\n");
        File.SetUnixFileMode(broken, File.GetUnixFileMode(broken) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Services = Compose(loggers);
        Services.GetRequiredService<IImageLoader>().LoadAsync(
            new LoadRequest { Location = ImageLocation.OfPath(Path.Combine(_root.Store, "rootfs")), Name = ImageReference.Parse("busybox") }, progress: null, CancellationToken.None)
            .GetAwaiter().GetResult();
    }

    public ServiceProvider Services { get; }

    public IOrca Orca => Services.GetRequiredService<IOrca>();

    /// <summary>Where the store is.</summary>
    public string StoreRoot => Path.Combine(_root.Store, "store");

    /// <summary>Another program on the same store.</summary>
    public ServiceProvider Compose(ILoggerFactory? loggers = null)
    {
        var services = new ServiceCollection().AddOrcaRegistry(store => store.Root = StoreRoot).AddOrcaSandbox();
        if (loggers is not null)
        {
            services.AddSingleton(loggers);
        }

        return services.BuildServiceProvider();
    }

    /// <summary>A start of a shell script.</summary>
    public static ContainerStart Script(string script) => new("busybox", ["/bin/sh", "-c", script]);

    /// <summary>The names of what is in the store's containers, running or kept.</summary>
    public string[] Containers() =>
        [.. Services.GetRequiredService<IContainerStore>().List().Select(static one => one.Record.Name)];

    /// <summary>The open descriptors of this process.</summary>
    public static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>The children of this process that are no threads of it.</summary>
    public static int Threads() => Process.GetCurrentProcess().Threads.Count;

    public void Dispose()
    {
        Services.Dispose();
        _root.Dispose();
    }
}
