using NUnit.Framework;
using Orca.Cli.Commands.Run;
using Orca.Cli.Process;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca.Tests.Cli.Commands;

/// <summary>What 'orca run' asks the library for.</summary>
public sealed class RunCommandTests
{
    [Test]
    public void Run_PassesEverythingOn()
    {
        var world = new FakeWorld { Status = 7 };
        world.Add("localhost:5000/dev:1");
        world.Variables.Add("COPIED=yes");
        var status = world.Run(
            "--root", "/somewhere", "run", "-v", "/:/host:ro", "-e", "A=1", "-eCOPIED", "-w", "/src", "-u", "1000:100", "-h", "box", "--entrypoint", "sh",
            "--name", "work", "--rm", "--pull", "never", "--platform", "linux/arm64", "-q", "--init", "localhost:5000/dev:1", "-c", "make --rm", "");
        Assert.That(status, Is.EqualTo(7));
        var request = world.Ran!;
        Assert.That((request.Image!.ToString(), request.Name, request.Fresh, request.RemoveAfter, request.Pull), Is.EqualTo(("localhost:5000/dev:1", "work", false, true, PullPolicy.Never)));
        Assert.That(request.Platform, Is.EqualTo(new Platform("linux", "arm64", "v8")));
        Assert.That(request.Options.Process.Entrypoint, Is.EqualTo(["sh"]));
        Assert.That(request.Options.Process.Command, Is.EqualTo(["-c", "make --rm", ""]));
        Assert.That(request.Options.Process.Env, Is.EqualTo(["A=1", "COPIED=yes"]));
        Assert.That(request.Options.Files.Mounts, Is.EqualTo([new BindMount("/", "/host", true)]));
        Assert.That((request.Options.Process.WorkingDirectory, request.Options.Process.User, request.Options.Network.Hostname), Is.EqualTo(("/src", "1000:100", "box")));
        Assert.That((request.Options.Process.Terminal, request.Options.Process.Interactive), Is.EqualTo(((bool?)null, (bool?)null)));
        Assert.That(world.Composed.Single().Root, Is.EqualTo("/somewhere"));
        Assert.That(world.Error.Text, Is.Empty);
    }

    [Test]
    public void Run_AsksForNothing_WhereNothingIsSaid()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("run", "alpine"), Is.Zero);
        Assert.That(world.Ran!.Options, Is.EqualTo(new RunOptions { Process = new() { Command = world.Ran.Options.Process.Command, Env = world.Ran.Options.Process.Env }, Files = new() { Mounts = world.Ran.Options.Files.Mounts } }));
        Assert.That(world.Pulled, Is.Empty);
    }

    [Test]
    public void Run_OptionsOfTheProcess_ArePassedOn()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("run", "--init=false", "--stop-signal", "RTMIN+3", "--timeout", "90", "--pid=host", "alpine"), Is.Zero);
        var options = world.Ran!.Options;
        Assert.That((options.Process.Init, options.Process.StopSignal!.Value.Number, options.Process.Timeout, options.Network.Pid), Is.EqualTo(((bool?)false, 37, (TimeSpan?)TimeSpan.FromSeconds(90), (NamespaceMode?)NamespaceMode.Host)));
    }

    [TestCase("--preserve-fds", "-1")]
    [TestCase("--preserve-fds", "all")]
    [TestCase("--stop-signal", "SIGNONE")]
    [TestCase("--timeout", "-1")]
    [TestCase("--timeout", "soon")]
    [TestCase("--timeout", "99999999999")]
    [TestCase("--pid", "container:x")]
    [TestCase("--json-status-fd", "x")]
    [TestCase("--json-status-fd", "-1")]
    [TestCase("--json-status-fd", "9999")]
    public void Run_OptionsOfTheProcess_ThatAreNone_AreRefused(string option, string value)
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("run", option, value, "alpine"), Is.EqualTo(125));
        Assert.That(world.Ran, Is.Null);
        Assert.That(world.Error.Text, Does.StartWith("orca: cannot use "));
    }

    [TestCase(null, null, null, null)]
    [TestCase(true, null, true, false)]
    [TestCase(null, true, false, true)]
    [TestCase(true, true, true, true)]
    [TestCase(false, null, false, null)]
    [TestCase(null, false, null, false)]
    [TestCase(true, false, true, false)]
    [TestCase(false, true, false, true)]
    public void TtyDefaults_AreAsInDocker_OnceEitherIsGiven(bool? tty, bool? interactive, bool? terminal, bool? input)
        => Assert.That(ProcessSyntax.ResolveTtyDefaults(tty, interactive), Is.EqualTo((terminal, input)));

    [Test]
    public void Name_WithoutImage_ReEnters()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("run", "--name", "work"), Is.Zero);
        Assert.That((world.Ran!.Name, world.Ran.Image), Is.EqualTo(("work", (ImageReference?)null)));
    }

    [Test]
    public void ShortName_ThatWasFoundElsewhere_IsToldAndRunAsThat()
    {
        var world = new FakeWorld { Search = { "a.test", "b.test" } };
        Assert.That(world.Run("run", "--pull", "always", "tool:1"), Is.Zero);
        var found = ImageReference.Parse("b.test/tool:1");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(world.Restarts, Is.EqualTo([found.WithDigest(FakeWorld.SomeDigest)]));
            Assert.That(world.Ran!.Image, Is.EqualTo(found));
            Assert.That(world.Error.Text, Does.Contain("note: 'tool:1' is 'b.test/tool:1'\n"));
        }

        var again = new FakeWorld { Search = { "a.test", "b.test" }, Variables = { $"{Handoff.PulledVariable}={world.Restarts[0]}" } };
        again.Add("a.test/tool:1");
        Environment.SetEnvironmentVariable(Handoff.PulledVariable, world.Restarts[0].ToString());
        try
        {
            Assert.That(again.Run("run", "tool:1"), Is.Zero);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Handoff.PulledVariable, null);
        }

        Assert.That(again.Ran!.Image, Is.EqualTo(found), "not another meaning that is there too");
    }

    [Test]
    public void MissingImage_IsPulledAndTheProgramStartsAnew()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("run", "--platform", "arm64", "alpine", "true"), Is.Zero);
        Assert.That(world.Pulled, Is.EqualTo([(ImageReference.Parse("alpine"), new Platform("linux", "arm64", "v8"))]));
        Assert.That(world.Restarts, Is.EqualTo([ImageReference.Parse("alpine").WithDigest(FakeWorld.SomeDigest)]));
        Assert.That(world.Ran!.Pull, Is.EqualTo(PullPolicy.Never), "where it could not start anew it goes on, without asking again");
        Assert.That(world.Error.Text, Does.StartWith("pulling alpine:latest\n"));
        Assert.That(world.Out.Text, Is.Empty);
    }

    [Test]
    public void AfterThePull_NothingIsPulledAgain()
    {
        var world = new FakeWorld();
        world.Variables.Add("ORCA_PULLED=alpine:latest@" + FakeWorld.SomeDigest);
        Environment.SetEnvironmentVariable("ORCA_PULLED", "x");
        try
        {
            Assert.That(world.Run("run", "--pull", "always", "alpine"), Is.Zero);
        }
        finally
        {
            Environment.SetEnvironmentVariable("ORCA_PULLED", null);
        }

        Assert.That(world.Pulled, Is.Empty);
        Assert.That(world.Ran!.Pull, Is.EqualTo(PullPolicy.Never));
    }

    [TestCase("run", "cannot use 'orca run': IMAGE is missing")]
    [TestCase("run --pull sometimes alpine", "cannot use option '--pull': 'sometimes' is none of missing, always, never")]
    [TestCase("run --platform windows/amd64 alpine", "cannot use platform 'windows/amd64': only linux/ARCHITECTURE[/VARIANT] can run here")]
    [TestCase("run -v /:/a -v /:/a/ alpine", "cannot mount '-v /:/a/': '-v /:/a' is mounted on '/a/' already")]
    [TestCase("run ALPINE", null)]
    [TestCase("run --tmpfs /a -v /:/a alpine", "cannot mount '--tmpfs /a': '-v /:/a' is mounted on '/a' already")]
    [TestCase("run --network bridge alpine", "cannot use network 'bridge': there are only 'host' and 'none'")]
    [TestCase("run --ipc container:x alpine", "cannot use option '--ipc': 'container:x' is neither 'private' nor 'host'")]
    [TestCase("run --dns example.org alpine", "cannot use name server 'example.org': it is no address")]
    [TestCase("run --shm-size 0 alpine", "cannot use option '--shm-size': '0' is no size such as 64m")]
    [TestCase("run --memory 1m alpine", "cannot limit memory to '1m': at least 6m are needed")]
    [TestCase("run --memory-swap 1g alpine", "cannot use option '--memory-swap': it counts memory and swap together, so it needs '--memory' and at least as much")]
    [TestCase("run --pids-limit few alpine", "cannot limit processes to 'few': it is no number")]
    [TestCase("run --ulimit files=1 alpine", "cannot use limit 'files=1': 'files' is no resource")]
    [TestCase("run --dns-search a#b alpine", "cannot use option '--dns-search': 'a#b' is not one word")]
    [TestCase("run -v /nonexistent/x:/x alpine", "cannot mount '/nonexistent/x': ENOENT (no such file or directory)")]
    public void Wrong_IsRefusedBeforeAnythingIsDone(string line, string? message)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(line.Split(' ')), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith(message is null ? "orca: " : $"orca: {message}\n"));
        Assert.That((world.Ran, world.Pulled.Count), Is.EqualTo(((RunRequest?)null, 0)));
        Assert.That(world.Out.Text, Is.Empty);
    }

    [Test]
    public void Run_PassesIsolationOn()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        var status = world.Run(
            "run", "--read-only", "--tmpfs", "/run:size=1m", "--mount", "type=tmpfs,dst=/tmp", "--mount", "type=bind,src=/,dst=/host,ro", "--device", "/dev/null:/dev/mine",
            "--shm-size", "1g", "-m", "512m", "--memory-swap=-1", "--cpus", "1.5", "--pids-limit", "20", "--ulimit", "nofile=1:2", "--ulimit", "nofile=3:4", "--net", "none", "--ipc", "host", "--uts=host", "--dns", "192.0.2.1", "--dns-search", "a",
            "--dns-opt", "ndots:1", "--add-host", "db:192.0.2.7", "--tz", "Europe/Berlin", "--cidfile", "/id", "alpine");
        Assert.That((status, world.Error.Text), Is.EqualTo((0, string.Empty)));
        var options = world.Ran!.Options;
        Assert.Multiple(() =>
        {
            Assert.That(options.Files.ReadOnly, Is.True);
            Assert.That(options.Files.TemporaryMounts, Is.EqualTo([new TemporaryMount("/tmp"), new TemporaryMount("/run") { Size = 1 << 20 }]));
            Assert.That(options.Files.Mounts, Is.EqualTo([new BindMount("/", "/host", true), new BindMount("/dev/null", "/dev/mine", false)]));
            Assert.That(options.Limits.Group, Is.EqualTo(new GroupLimits { Memory = 512 << 20, MemoryAndSwap = -1, NanoCpus = 1_500_000_000, Processes = 20 }));
            Assert.That(options.Limits.SharedMemory, Is.EqualTo(1L << 30));
            Assert.That(options.Limits.Resources, Is.EqualTo([new ResourceLimit(ProcessResource.Nofile, 3, 4)]));
            Assert.That((options.Network.Mode, options.Network.Ipc, options.Network.Uts), Is.EqualTo(((NamespaceMode?)NamespaceMode.Own, (NamespaceMode?)NamespaceMode.Host, (NamespaceMode?)NamespaceMode.Host)));
            Assert.That((options.Network.Names.Servers.Single(), options.Network.Names.Search.Single(), options.Network.Names.Resolver.Single()), Is.EqualTo(("192.0.2.1", "a", "ndots:1")));
            Assert.That(options.Network.Names.Hosts, Is.EqualTo([new HostEntry("db", "192.0.2.7")]));
            Assert.That((options.Process.TimeZone, world.Ran.IdFile), Is.EqualTo(("Europe/Berlin", "/id")));
        });
    }

    [Test]
    public void OptionsThatHaveNoEffect_AreNotedOnceAReason()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("run", "--annotation", "a=b", "--annotation=c", "--log-driver", "none", "--no-healthcheck", "alpine"), Is.Zero);
        Assert.That(world.Error.Text, Is.EqualTo(
            "orca: note: --annotation has no effect: orca keeps labels of a container, and no annotations\n"
            + "orca: note: --log-driver has no effect: a detached container has a log of orca's own, of at most 16 MiB\n"));
    }

    [Test]
    public void Label_IsNotedOnce()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        world.Run("run", "-v", "/:/a:z", "-v", "/:/b:Z", "alpine");
        Assert.That(world.Error.Text.Split("orca: note: "), Has.Length.EqualTo(2));
    }

    [TestCase(126)]
    [TestCase(127)]
    public void CommandThatCannotBeRun_GivesItsStatus(int code)
    {
        var world = new FakeWorld { Failure = () => new SandboxException("cannot start 'x': not found") { ExitCode = code } };
        world.Add("alpine");
        Assert.That(world.Run("run", "alpine", "x"), Is.EqualTo(code));
    }

    [Test]
    public void EnvFile_ComesBeforeEnv()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"env-{Guid.NewGuid():N}");
        File.WriteAllText(file, "A=file\n");
        try
        {
            world.Run("run", "-e", "A=line", "--env-file", file, "alpine");
        }
        finally
        {
            File.Delete(file);
        }

        Assert.That(world.Ran!.Options.Process.Env, Is.EqualTo(["A=file", "A=line"]));
    }

    [TestCase("aaaaaaaaaaaa", true)]
    [TestCase("sha256:aaaaaaaaaaaa", true)]
    [TestCase("aaaa", false, Description = "fewer digits than orca prints: a name")]
    [TestCase("bbbbbbbbbbbb", false)]
    public void Run_ByDigest_IsOfThatImage(string text, bool isDigest)
    {
        var world = new FakeWorld();
        world.Add("alpine");
        world.Run("run", text, "true");
        var alpine = ImageReference.Parse("alpine").WithDigest(FakeWorld.SomeDigest);
        Assert.That(world.Pulled.Select(static one => one.Reference), isDigest ? Is.Empty : Is.EqualTo([ImageReference.Parse(text)]));
        Assert.That(world.Ran!.Image, Is.EqualTo(isDigest ? alpine : ImageReference.Parse(text)));
    }

    [Test]
    public void Run_ByAWholeDigest_IsNeverPulled()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("run", "sha256:" + new string('b', 64), "true"), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith("orca: cannot run image 'sha256:bbb").And.Contain("it is not in the store"));
    }
}
