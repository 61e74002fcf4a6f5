using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;
using Orca.Core.Sandbox;
using Orca.Testing;
using Orca.Tests.Contracts;

namespace Orca.Tests.Facade;

[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class FakeOrcaContractTests : OrcaContract
{
    private readonly FakeOrca _fake = new();
    private int _last;

    protected override IOrca Orca => _fake;

    protected override ContainerStart Prints(string output, string error, int code)
    {
        var (start, command) = Make();
        command.Prints(output).PrintsError(error).Exits(code);
        return start;
    }

    protected override ContainerStart Waits(string line, bool obeys = true)
    {
        var (start, command) = Make();
        command.Prints(line + "\n").Waits();
        _ = obeys ? command : command.IgnoringSignals();
        return start;
    }

    protected override ContainerStart Echoes()
    {
        var (start, command) = Make();
        command.Echoes();
        return start;
    }

    private (ContainerStart, FakeCommand) Make()
    {
        var start = new ContainerStart("image", [$"{++_last}"]);
        return (start, _fake.When(one => one.Command == start.Command));
    }
}

/// <summary>What a test can say and see.</summary>
public sealed class FakeOrcaTests
{
    [Test]
    public async Task Code_ThatRunsContainers_IsTestedWithoutOne()
    {
        var orca = new FakeOrca();
        orca.When(static start => start.Image!.Repository == "library/gcc" && start.Command is ["make", ..]).Prints("cc main.c\n").Exits(2);

        var result = await orca.RunAsync(new ContainerStart("gcc", ["make", "-j2"]) { Env = ["CI=1"] });

        Assert.That((result.StandardOutput, result.ExitCode), Is.EqualTo(("cc main.c\n", 2)));
        Assert.That(orca.Starts.Single().Env, Is.EqualTo((ValueList<string>)["CI=1"]));
        Assert.That((await orca.Images.ListAsync()).Single().References[0].Familiar, Is.EqualTo("gcc:latest"));
    }

    [Test]
    public void Start_ThatTheTestDoesNotExpect_IsAnError()
    {
        var orca = new FakeOrca();
        Assert.That(() => orca.RunAsync("gcc", ["make"]), Throws.TypeOf<SandboxException>().With.Message.EqualTo("cannot start 'make': the test says nothing of it"));
        Assert.That(orca.Starts, Has.Count.EqualTo(1));
        orca.Always().Fails(new RegistryException("cannot pull 'gcc': no such image"));
        Assert.That(() => orca.RunAsync("gcc", ["make"]), Throws.TypeOf<RegistryException>());
    }

    [Test]
    public async Task Signal_EndsWhatDoesNotHandleIt_AndMemoryRunsOut()
    {
        var orca = new FakeOrca();
        orca.When(static start => start.Command[0] == "sleep").WaitsFor(new TaskCompletionSource().Task);
        orca.When(static start => start.Command[0] == "eat").RunsOutOfMemory();
        await using var container = await orca.StartAsync(new ContainerStart("busybox", ["sleep"]));
        Assert.That((await container.StopAsync(TimeSpan.FromMinutes(1))).Signal, Is.EqualTo(Signal.Term));
        Assert.That((await orca.RunAsync("busybox", ["eat"])).Exit.ToString(), Is.EqualTo("SIGKILL, out of memory"));
    }

    [Test]
    public async Task Command_ThatWaitsTwice_NeedsTwoSignals()
    {
        var orca = new FakeOrca();
        orca.Always().Waits().Prints("one\n").Waits().Exits(3);
        await using var container = await orca.StartAsync(new ContainerStart("busybox", []));
        await container.SignalAsync(Signal.Term);
        using var reader = new StreamReader(container.Streams.Output!);
        Assert.That(await reader.ReadLineAsync(), Is.EqualTo("one"));
        Assert.That(await container.SignalAsync(Signal.Term), Is.True, "it still runs");
        Assert.That((await container.WaitForExitAsync()).Code, Is.EqualTo(3));
    }

    [Test]
    public async Task Files_AreInMemory()
    {
        var orca = new FakeOrca();
        orca.Always().HasFile("/etc/motd", "hello").Waits();
        await using var container = await orca.StartAsync(new ContainerStart("busybox", []) { Ready = Ready.WhenFile("/etc/motd") });
        await using (var stream = await container.Files.CreateAsync("/tmp/new"))
        {
            await stream.WriteAsync("new"u8.ToArray());
        }

        using var reader = new StreamReader(await container.Files.OpenReadAsync("/tmp/new"));
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("new"));
        Assert.That(() => container.Files.OpenReadAsync("/tmp/none"), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task Name_ThatRuns_IsNotStartedAgain()
    {
        var orca = new FakeOrca();
        orca.Always().Waits();
        var start = new ContainerStart("busybox", ["sh"]) { Name = "work" };
        await using (await orca.StartAsync(start))
        {
            Assert.That(() => orca.StartAsync(start), Throws.TypeOf<StoreException>().With.Message.Contains("runs it"));
        }

        await using var again = await orca.StartAsync(start);
        Assert.That((again.Info.Name, again.Info.Image), Is.EqualTo(("work", ImageReference.Parse("busybox"))));
    }
}
