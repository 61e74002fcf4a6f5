using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Registry;
using Orca.Sandbox;

namespace Orca.Tests.Facade;

/// <summary>When a container is ready, what is seen of one that is not, and its files.</summary>
[TestFixture]
internal sealed class ReadinessTests
{
    private RealOrca _real = null!;

    [OneTimeSetUp]
    public void Load() => _real = new RealOrca();

    [OneTimeTearDown]
    public void Remove()
    {
        Assert.That(_real.Containers(), Is.Empty);
        _real.Dispose();
    }

    private IOrca Orca => _real.Orca;

    [Test]
    public async Task Port_IsReady_WhenSomethingListens()
    {
        var port = FreePort();
        await using var server = await Orca.StartAsync(RealOrca.Script($"sleep 0.2; exec busybox httpd -f -p 127.0.0.1:{port} -h /etc") with { Ready = Ready.WhenTcp(port) });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        Assert.That(client.Connected, Is.True);
    }

    [Test]
    public void Port_OfANetworkOfItsOwn_CannotBeWaitedFor() => Assert.That(
        () => Orca.StartAsync(RealOrca.Script("sleep 600") with { Network = NamespaceMode.Own, Ready = Ready.WhenTcp(8080) }), Throws.TypeOf<ReferenceException>());

    [Test]
    public async Task File_IsReady_WhenItIsThere()
    {
        await using var container = await Orca.StartAsync(RealOrca.Script("sleep 0.2; echo content > /tmp/mark; exec sleep 600") with { Ready = Ready.WhenFile("/tmp/mark") });
        using var reader = new StreamReader(await container.Files.OpenReadAsync("/tmp/mark"));
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("content\n").Or.Empty, "it is there before it is written");
    }

    [Test]
    public async Task Lines_AreSeenAndStillThere_InPipesStreamsAndLoggers()
    {
        var script = RealOrca.Script("echo one; echo ready >&2; echo two; exec sleep 600") with { Ready = Ready.All(Ready.WhenLine("ready"), Ready.WhenLine(new Regex("^tw"))) };
        await using (var container = await Orca.StartAsync(script))
        {
            using var reader = new StreamReader(container.Streams.Output!);
            Assert.That((await reader.ReadLineAsync(), await reader.ReadLineAsync()), Is.EqualTo(("one", "two")));
        }

        var (stream, lines) = (new MemoryStream(), new List<string>());
        await using (await Orca.StartAsync(script with { Output = ContainerOutput.To(stream), Error = ContainerOutput.ToLines(lines.Add) }))
        {
            Assert.That(stream.ToArray(), Is.EqualTo("one\ntwo\n"u8.ToArray()));
        }

        Assert.That(lines, Is.EqualTo(["ready"]));
    }

    [Test]
    public async Task Container_ThatGetsReady_DoesNotHoldUpOtherStarts()
    {
        await using var services = new ServiceCollection().AddOrcaRegistry(store => store.Root = _real.StoreRoot).AddOrcaSandbox().AddOrca(static options => options.MaxConcurrentStarts = 1).BuildServiceProvider();
        var orca = services.GetRequiredService<IOrca>();
        await using var container = await orca.StartAsync(RealOrca.Script("exec sleep 600") with { Ready = new AfterAnother(orca) });
        Assert.That(await container.SignalAsync(Signal.Kill), Is.True);
    }

    [Test]
    public async Task Files_GoInAndOut_AndStayInside()
    {
        var host = Path.Combine(_real.StoreRoot, "..", "file");
        await File.WriteAllTextAsync(host, "from the host");
        File.SetUnixFileMode(host, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var container = await Orca.StartAsync(RealOrca.Script(
            $"busybox ln -s {host} /tmp/out; busybox ln -s /proc/1/root/etc/passwd /tmp/magic; busybox mkfifo /tmp/fifo; echo ready; read line; cat /tmp/in; stat -c %a /tmp/in")
            with
        { Ready = Ready.WhenLine("ready"), Input = ContainerInput.Pipe });
        var files = container.Files;
        Assert.That((await files.ExistsAsync("/bin/busybox"), await files.ExistsAsync("/nonesuch"), await files.ExistsAsync("/bin/busybox/x"), await files.ExistsAsync("/tmp/out")), Is.EqualTo((true, false, false, false)));
        foreach (var path in new[] { "/tmp/out", "/tmp/magic", "/tmp/fifo", "/tmp", "/dev/null", "/../../../../.." + host, "/proc/version", "relative", "/nul\0" })
        {
            Assert.That(() => files.OpenReadAsync(path), Throws.InstanceOf<IOException>(), path);
        }

        Assert.That(() => files.CreateAsync("/tmp/fifo"), Throws.InstanceOf<IOException>());
        await files.CopyInAsync(host, "/tmp/in");
        await files.CopyOutAsync("/tmp/in", host + ".back");
        Assert.That(await File.ReadAllTextAsync(host + ".back"), Is.EqualTo("from the host"));
        await container.Streams.Input!.WriteAsync("go\n"u8.ToArray());
        using var reader = new StreamReader(container.Streams.Output!);
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("ready\nfrom the host700\n"));
        await container.WaitForExitAsync();
        Assert.That(() => files.ExistsAsync("/bin"), Throws.InstanceOf<IOException>().With.Message.Contains("has ended"));
    }

    private sealed class AfterAnother(IOrca orca) : IReadiness
    {
        public Task WaitAsync(StartingContainer container, CancellationToken cancellationToken) => orca.RunAsync(RealOrca.Script("true"), cancellationToken);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
