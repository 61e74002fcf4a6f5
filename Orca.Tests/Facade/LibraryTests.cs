using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;

namespace Orca.Tests.Facade;

/// <summary>What only real containers show: streams, handles, kept containers, and errors.</summary>
[TestFixture]
internal sealed class LibraryTests
{
    private RealOrca _real = null!;

    [OneTimeSetUp]
    public void Load() => _real = new RealOrca();

    [OneTimeTearDown]
    public void Remove() => _real.Dispose();

    private IOrca Orca => _real.Orca;

    [Test]
    public async Task Container_HasNoTerminalNoInputAndNoDescriptorOfTheHost()
    {
        using var secret = File.OpenRead("/proc/self/status");
        var result = await Orca.RunAsync(RealOrca.Script("[ ! -t 0 ] && [ ! -t 1 ] && [ ! -t 2 ] && cat && echo /proc/self/fd/* && readlink /proc/self/fd/0"));
        Assert.That(result.StandardOutput, Is.EqualTo("/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n/dev/null\n"));
    }

    [Test]
    public async Task Output_IsAPlainBlockingPipe_ThatCanBeOpenedAgain() => Assert.That(
        (await Orca.RunAsync(RealOrca.Script("echo again > /dev/stdout; grep flags /proc/self/fdinfo/1; stat -L -c %F /dev/stdout"))).StandardOutput,
        Is.EqualTo("again\nflags:\t01\nfifo\n"));

    [Test]
    public async Task Output_OfFiftyMegabytes_IsWhole()
    {
        const int size = 50_000_000;
        var seen = new CountingStream();
        var result = await Orca.RunAsync(RealOrca.Script($"busybox yes 123456789 | busybox head -c {size}; echo done >&2") with { Output = ContainerOutput.To(seen) });
        Assert.That((result.ExitCode, result.StandardError, seen.Length, seen.IsRight), Is.EqualTo((0, "done\n", (long)size, true)));
        var captured = await Orca.RunAsync(RealOrca.Script($"busybox yes 123456789 | busybox head -c {size}") with { CaptureLimit = size });
        Assert.That((captured.StandardOutput.Length, captured.IsTruncated), Is.EqualTo((size, false)));
    }

    [Test]
    public async Task Output_ThatNobodyReads_StopsTheContainer_AndLosesNothing()
    {
        await using var container = await Orca.StartAsync(RealOrca.Script("busybox yes 123456789 | busybox head -c 1000000; echo end >&2"));
        using var errors = new StreamReader(container.Streams.Error!);
        var end = errors.ReadLineAsync();
        await Task.Delay(300);
        Assert.That(end.IsCompleted, Is.False, "it waits for a reader");
        var seen = new CountingStream();
        await container.Streams.Output!.CopyToAsync(seen);
        Assert.That((seen.Length, seen.IsRight, await end, (await container.WaitForExitAsync()).Code), Is.EqualTo((1_000_000L, true, "end", 0)));
    }

    [Test]
    public async Task Handles_AreGivenAsTheyAre()
    {
        var path = Path.Combine(_real.StoreRoot, "..", "handle");
        await File.WriteAllTextAsync(path, "from a file\n");
        using (var input = File.OpenHandle(path))
        using (var output = File.OpenHandle(path + ".out", FileMode.Create, FileAccess.Write))
        {
            var result = await Orca.RunAsync(new ContainerStart("busybox", ["/bin/cat"]) { Input = ContainerInput.Of(input), Output = ContainerOutput.To(output) });
            Assert.That((result.ExitCode, result.StandardOutput, output.IsClosed), Is.EqualTo((0, string.Empty, false)));
        }

        Assert.That(await File.ReadAllTextAsync(path + ".out"), Is.EqualTo("from a file\n"));
    }

    [TestCase("/", "is a directory")]
    [TestCase("/dev/ptmx", "is a terminal")]
    public void Handle_ThatWouldOpenTheHost_IsRefused(string path, string reason)
    {
        using var fd = FileSystem.Open(null, PathZ.From(path), Tmds.Linux.LibC.O_RDONLY);
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle((nint)fd.Number, ownsHandle: false);
        var before = RealOrca.Descriptors();
        Assert.That(() => Orca.RunAsync(RealOrca.Script("true") with { Output = ContainerOutput.To(handle) }), Throws.TypeOf<SandboxException>().With.Message.Contains(reason));
        Assert.That(RealOrca.Descriptors(), Is.LessThanOrEqualTo(before));
    }

    [Test]
    public async Task KeptContainer_IsFree_AsSoonAsItsEndIsTold()
    {
        for (var i = 0; i < 20; i++)
        {
            var result = await Orca.RunAsync(RealOrca.Script("echo x >> /tmp/runs; grep -c x /tmp/runs") with { Name = "kept" });
            Assert.That(result.StandardOutput, Is.EqualTo($"{i + 1}\n"));
        }

        Assert.That((await Orca.RunAsync(ContainerStart.Enter("kept", ["/bin/cat", "/tmp/runs"]) with { RemoveAfter = true })).StandardOutput, Has.Length.EqualTo(40));
        Assert.That(_real.Containers(), Does.Not.Contain("kept"));
        Assert.That(() => Orca.RunAsync(ContainerStart.Enter("kept", ["/bin/true"])), Throws.TypeOf<StoreException>());
    }

    [Test]
    public async Task KeptContainer_ThatRuns_IsNotStartedAgain()
    {
        await using var container = await Orca.StartAsync(RealOrca.Script("sleep 600") with { Name = "busy" });
        Assert.That(() => Orca.RunAsync(ContainerStart.Enter("busy", ["/bin/true"])), Throws.TypeOf<StoreException>().With.Message.Contains("runs it"));
        await container.DisposeAsync();
        Assert.That((await Orca.RunAsync(ContainerStart.Enter("busy", ["/bin/true"]) with { RemoveAfter = true })).ExitCode, Is.Zero);
    }

    [Test]
    public void KeptContainer_WhoseStartFails_IsRemovedWhereThatIsAskedFor()
    {
        Assert.That(() => Orca.StartAsync(new ContainerStart("busybox", ["nonesuch"]) { Name = "failed", RemoveAfter = true }), Throws.TypeOf<SandboxException>());
        Assert.That(_real.Containers(), Does.Not.Contain("failed"));
    }

    [Test]
    public async Task Options_ReachTheContainer()
    {
        var start = RealOrca.Script("echo $A $(busybox pwd) $(cat /proc/sys/kernel/hostname) $(id -u) $(ls /mnt); touch /x 2>/dev/null || echo read-only") with
        {
            Env = ["A=1"],
            WorkingDirectory = "/tmp",
            Hostname = "box",
            User = "33",
            ReadOnly = true,
            Mounts = [new BindMount(_real.StoreRoot + "/../rootfs/bin", "/mnt", ReadOnly: true)],
        };
        Assert.That((await Orca.RunAsync(start)).StandardOutput, Does.StartWith("1 /tmp box 33 ").And.Contain("busybox").And.EndWith("read-only\n"));
    }

    [Test]
    public async Task CommandWithoutInit_OutlivesTheThreadsOfThePool()
    {
        await using var container = await Orca.StartAsync(RealOrca.Script("sleep 1; exit 4") with { Init = false });
        Assert.That((await container.WaitForExitAsync()).Code, Is.EqualTo(4));
    }

    [TestCase("nonesuch", 127)]
    [TestCase("/etc", 126)]
    public void Command_ThatCannotBeRun_IsAnError_AndLeavesNothing(string command, int status)
    {
        var before = RealOrca.Descriptors();
        Assert.That(() => Orca.StartAsync(new ContainerStart("busybox", [command])), Throws.TypeOf<SandboxException>().With.Property("ExitCode").EqualTo(status));
        Assert.That(RealOrca.Descriptors(), Is.LessThanOrEqualTo(before));
        Assert.That(_real.Containers().Where(static name => name.StartsWith("run-", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Program_WhoseInterpreterIsMissing_IsExplained() => Assert.That(
        () => Orca.RunAsync(new ContainerStart("busybox", ["/usr/broken"])), Throws.TypeOf<SandboxException>().With.Message.Contains("/no/such/interpreter"));

    [Test]
    public void Image_ThatIsMissing_AndNotToBePulled_IsAnError() => Assert.That(
        () => Orca.RunAsync(new ContainerStart("nonesuch.invalid/x", []) { Pull = PullPolicy.Never }), Throws.TypeOf<StoreException>().With.Message.Contains("not in the store"));

    [Test]
    public async Task TwoPrograms_ShareOneStore()
    {
        await using var other = _real.Compose();
        var orca = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<IOrca>(other);
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? orca : Orca).RunAsync(RealOrca.Script($"echo {i}"))));
        Assert.That(results.Select(static result => result.StandardOutput), Is.EqualTo(Enumerable.Range(0, 20).Select(static i => $"{i}\n")));
    }

    /// <summary>Counts, and compares with what <c>yes 123456789</c> writes.</summary>
    private sealed class CountingStream : Stream
    {
        private const string Pattern = "123456789\n";
        private long _length;

        public bool IsRight { get; private set; } = true;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get; set; }

        public override void Write(byte[] buffer, int offset, int count)
        {
            for (var i = 0; i < count; i++)
            {
                IsRight &= buffer[offset + i] == Pattern[(int)(_length++ % Pattern.Length)];
            }
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
