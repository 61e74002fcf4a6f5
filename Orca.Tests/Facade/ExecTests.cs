using System.Net.Sockets;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Testing;
using Orca.Tests.Contracts;

namespace Orca.Tests.Facade;

/// <summary>The fake as its contract has it.</summary>
[TestFixture]
internal sealed class FakeExecContractTests : ExecContract
{
    private readonly FakeOrca _fake = new();
    private FakeCommand _container = null!;
    private int _last;

    protected override IOrca Orca => _fake;

    protected override ContainerStart Stands()
    {
        _container ??= _fake.Always().Waits();
        return new("image", ["serve"]);
    }

    protected override ContainerExec Prints(string output, string error, int code)
    {
        var exec = Make(out var command);
        command.Prints(output).PrintsError(error).Exits(code);
        return exec;
    }

    protected override ContainerExec Echoes()
    {
        var exec = Make(out var command);
        command.Echoes();
        return exec;
    }

    protected override ContainerExec Waits()
    {
        var exec = Make(out var command);
        command.Prints("up\n").Waits();
        return exec;
    }

    private ContainerExec Make(out FakeCommand command)
    {
        var exec = new ContainerExec([$"{++_last}"]);
        command = _container.WhenExec(one => one.Command == exec.Command);
        return exec;
    }
}

/// <summary>Real containers as the contract has them, and what only these have.</summary>
[TestFixture]
internal sealed class RealExecTests : ExecContract
{
    private RealOrca _real = null!;

    [OneTimeSetUp]
    public void Load() => _real = new RealOrca();

    [OneTimeTearDown]
    public void Remove()
    {
        Assert.That(_real.Containers(), Is.Empty, "every container went with its run");
        _real.Dispose();
    }

    protected override IOrca Orca => _real.Orca;

    protected override ContainerStart Stands() => RealOrca.Script("sleep 1000");

    protected override ContainerExec Prints(string output, string error, int code) =>
        new(["/bin/sh", "-c", $"printf %s \"$0\"; printf %s \"$1\" >&2; exit {code}", output, error]);

    protected override ContainerExec Echoes() => new(["/bin/cat"]);

    protected override ContainerExec Waits() => new(["/bin/sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.02; done"]);

    [Test]
    public async Task Exec_HasTheContainersVariablesUserAndDirectory_AndItsOwn()
    {
        await using var container = await Orca.StartAsync(RealOrca.Script("sleep 1000") with { Env = ["A=1", "B=1"], WorkingDirectory = "/tmp", Hostname = "here" });
        await using var exec = await container.ExecAsync(new ContainerExec(["/bin/sh", "-c", "echo $A $B $HOSTNAME $PWD $(id -u)"]) { Env = ["B=2"] });
        Assert.That(await ReadAsync(exec), Is.EqualTo("1 2 here /tmp 0\n"));
        await using var other = await container.ExecAsync(new ContainerExec(["/bin/sh", "-c", "echo $PWD $(id -u):$(id -g)"]) { WorkingDirectory = "/", User = "5:60" });
        Assert.That(await ReadAsync(other), Is.EqualTo("/ 5:60\n"));
        await Assert.ThatAsync(() => container.ExecAsync(new ContainerExec(["true"]) { User = "nobody-here" }), Throws.TypeOf<SandboxException>().With.Message.Contains("has no user 'nobody-here'"));
    }

    [Test]
    public async Task Socket_IsReady_WhenSomethingListens()
    {
        await Assert.ThatAsync(
            () => Orca.StartAsync(RealOrca.Script("echo > /tmp/socket; sleep 1000") with { Ready = Ready.WhenSocket("/tmp/socket"), ReadyTimeout = TimeSpan.FromMilliseconds(300) }),
            Throws.TypeOf<ContainerNotReadyException>(), "a file is no listener");
        var directory = Directory.CreateTempSubdirectory("orca-socket-").FullName;
        try
        {
            var start = Orca.StartAsync(RealOrca.Script("sleep 1000") with { Mounts = [new BindMount(directory, "/run/db", true)], Ready = Ready.WhenSocket("/run/db/socket") });
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory, "socket")));
            await Task.Delay(300);
            Assert.That(start.IsCompleted, Is.False, "it is bound, and nobody listens");
            listener.Listen();
            await using var container = await start;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> ReadAsync(IRunningContainer exec)
    {
        using var reader = new StreamReader(exec.Streams.Output!);
        return await reader.ReadToEndAsync();
    }
}
