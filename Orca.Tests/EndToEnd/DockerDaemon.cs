using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Docker's daemon, with a storage and a socket of its own.</summary>
internal sealed class DockerDaemon : IDisposable
{
    private readonly string _socket;
    private readonly Running _daemon;

    /// <param name="place">A directory for it.</param>
    public DockerDaemon(string place)
    {
        (_socket, Data) = ($"unix://{place}/socket", $"{place}/data");
        Directory.CreateDirectory(place);
        _daemon = new Command(
            "dockerd", "--data-root", Data, "--exec-root", $"{place}/exec", "--pidfile", $"{place}/pid", "-H", _socket,
            "--storage-driver", "vfs", "--iptables=false", "--ip6tables=false", "--bridge=none").AsCaller().Start();
        Assert.That(World.Eventually(() => Docker("version").Run().Status == 0, 60), Is.True, "dockerd did not start");
    }

    public string Data { get; }

    public Command Docker(params string[] arguments) => new Command("docker", ["-H", _socket, .. arguments]).AsCaller().Within(180);

    public void Dispose()
    {
        World.Kill("TERM", _daemon.Id);
        _daemon.Wait(60);
        _daemon.Dispose();
    }
}
