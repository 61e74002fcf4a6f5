using System.Diagnostics;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Sandbox;

namespace Orca.Tests.Sandbox;

/// <summary>A root file system of one static busybox in a scratch directory, as a store would lay it out.</summary>
internal sealed class MinimalRoot : IDisposable
{
    private const string Busybox = "/bin/busybox";
    private int _count;

    public MinimalRoot()
    {
        Assume.That(File.Exists(Busybox), "needs busybox-static");
        Store = Directory.CreateTempSubdirectory("orca-test-").FullName;
        foreach (var directory in new[] { "bin", "etc", "tmp" })
        {
            Directory.CreateDirectory(Path.Combine(Store, "rootfs", directory));
        }

        File.Copy(Busybox, Path.Combine(Store, "rootfs/bin/busybox"));
        foreach (var applet in new[] { "sh", "cat", "true", "false", "sleep", "ls", "id", "grep", "echo", "kill", "stat", "readlink" })
        {
            File.CreateSymbolicLink(Path.Combine(Store, "rootfs/bin", applet), "busybox");
        }
    }

    public string Store { get; }

    /// <summary>A spec that runs a shell script in a container of its own.</summary>
    public SandboxSpec Script(string script) => Command("/bin/sh", "-c", script);

    /// <summary>A spec that runs a command in a container of its own.</summary>
    public SandboxSpec Command(params string[] arguments) => new()
    {
        Root = NewContainer(),
        Arguments = arguments,
        Env = ["PATH=/bin"],
        WorkingDirectory = "/",
        Hostname = "test",
        PassInput = false,
    };

    public RootFileSystem NewContainer()
    {
        var name = $"c{Interlocked.Increment(ref _count)}";
        Directory.CreateDirectory(Path.Combine(Store, name, "upper"));
        Directory.CreateDirectory(Path.Combine(Store, name, "work"));
        return new RootFileSystem { Store = Store, Directory = name, Lower = "rootfs", Upper = $"{name}/upper", Work = $"{name}/work", Volatile = true };
    }

    public void Dispose()
    {
        // The overlay leaves a directory of mode 0 in each work directory.
        using var remove = Process.Start("/bin/sh", ["-c", "chmod -R u+rwx \"$0\" && rm -rf \"$0\"", Store]);
        remove.WaitForExit();
    }
}
