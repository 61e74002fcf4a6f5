using System.Runtime.InteropServices;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>A program with habits of its own around the launches: rows I10, I11 and I13 of docs/hostile-inputs.md.</summary>
[TestFixture]
public sealed unsafe partial class EmbeddingTests : RealLaunches
{
    private const int NoHang = 1; // WNOHANG
    /// <summary>What waits for any child of the process, as supervisors do, may be quicker than orca: the kernel still tells how the container ended.</summary>
    [Test]
    public void I11_ReaperOfAllChildren_LosesNoStatus()
    {
        if (Environment.OSVersion.Version < new Version(6, 15))
        {
            Assert.Pass("this kernel tells the end of a child once"); // then the run ends with ECHILD, and says so
        }

        var (stop, taken) = (false, 0);
        var reaper = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                taken += WaitForAny(-1, null, NoHang) > 0 ? 1 : 0;
            }
        });
        reaper.Start();
        try
        {
            for (var i = 0; i < 40; i++)
            {
                Assert.That(Run(Root.Script($"exit {i}")), Is.EqualTo(i));
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            reaper.Join();
        }

        Assert.That(taken, Is.GreaterThan(0), "the test would not have noticed");
    }

    /// <summary>The clone shares this process's memory: what is here is neither copied nor charged twice.</summary>
    [Test]
    public void I13_LargeHost_StillLaunches()
    {
        const nuint size = (nuint)1 << 30;
        var memory = (byte*)NativeMemory.Alloc(size);
        try
        {
            for (nuint page = 0; page < size; page += 4096)
            {
                memory[page] = 1;
            }

            Assert.That(Run(Root.Script("exit 3")), Is.EqualTo(3));
            Assert.That(memory[size - 4096], Is.EqualTo(1));
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    [Test]
    public void I10_TokenThatIsCancelledAlready_StartsNothing()
    {
        var mark = Path.Combine(Root.Store, "ran");
        var spec = Root.Script("echo x > /mark/ran") with { Mounts = [new Orca.Core.Containers.BindMount(Root.Store, "/mark", false)] };
        Assert.That(() => Launcher.Run(spec, new SandboxRunOptions(), new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(File.Exists(mark), Is.False);
    }

    [TestCase("Isolated")]
    [TestCase("Launched")]
    [TestCase("Started")]
    public void I10_ExceptionOfACallback_EndsTheContainer_AndIsTheOneThatComesOut(string stage)
    {
        var mark = $"6{Environment.ProcessId}.5";
        var options = stage switch
        {
            "Isolated" => new SandboxRunOptions { Isolated = static _ => throw new StoreException("mine") },
            "Launched" => new SandboxRunOptions { Launched = static () => throw new StoreException("mine") },
            _ => new SandboxRunOptions { Started = static _ => throw new StoreException("mine") },
        };
        Assert.That(() => Launcher.Run(Root.Command("sleep", mark), options, default), Throws.TypeOf<StoreException>().With.Message.EqualTo("mine"));
        Assert.That(EndToEnd.World.Processes(mark), Is.Empty);
    }

    [Test]
    public void Isolated_TellsTheNamespaces_BeforeTheCommandRuns()
    {
        IReadOnlyList<NamespaceId> told = [];
        var started = false;
        var options = new SandboxRunOptions
        {
            Isolated = namespaces =>
            {
                Assert.That(started, Is.False);
                told = namespaces;
            },
            Started = _ => started = true,
        };
        Assert.That(Launcher.Run(Root.Script("exit 6"), options, default).Code, Is.EqualTo(6));
        Assert.That(started, Is.True);
        Assert.That(told.Select(static one => one.Name), Is.EqualTo(["cgroup", "ipc", "mnt", "pid", "user", "uts"]));
        Assert.That(told.Select(static one => one.Inode), Is.Unique.And.All.GreaterThan(0));
    }

    private int Run(SandboxSpec spec) => Launcher.Run(spec, new SandboxRunOptions(), default).Code;

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitForAny(int process, int* status, int options);
}
