using System.Diagnostics;
using NUnit.Framework;
using Orca.Tests.EndToEnd;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Facade;

/// <summary>Many containers of one program, beside all else that such a program does.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class LibraryLoadTests
{
    private const int Slack = 16; // descriptors of the runtime's and of NUnit's own that come and go
    private RealOrca _real = null!;

    [OneTimeSetUp]
    public void Load() => _real = new RealOrca();

    [OneTimeTearDown]
    public void Remove() => _real.Dispose();

    private IOrca Orca => _real.Orca;

    [Test]
    [CancelAfter(600_000)]
    [Category("Sweep")]
    public async Task Launches_BesideFourThreadsThatAllocate_LoseNothing(CancellationToken cancellationToken)
    {
        const int allocators = 4, together = 8, launches = 100;
        using var done = new CancellationTokenSource();
        var threads = Enumerable.Range(0, allocators).Select(_ => new Thread(() => AllocateUntil(done.Token))).ToList();
        await Orca.RunAsync(RealOrca.Script("true"), cancellationToken);
        var before = RealOrca.Descriptors();
        threads.ForEach(static thread => thread.Start());
        try
        {
            for (var round = 0; round < Sampling.Rounds(20); round++)
            {
                await Parallel.ForAsync(0, launches, new ParallelOptions { MaxDegreeOfParallelism = together, CancellationToken = cancellationToken }, async (i, token) =>
                {
                    var result = await Orca.RunAsync(RealOrca.Script($"echo out {i}; echo err {i} >&2; exit {i}"), token);
                    Assert.That((result.StandardOutput, result.StandardError, result.ExitCode), Is.EqualTo(($"out {i}\n", $"err {i}\n", i)));
                });
                Assert.That(RealOrca.Descriptors(), Is.LessThanOrEqualTo(before + Slack), "descriptors leak");
            }
        }
        finally
        {
            await done.CancelAsync();
            threads.ForEach(static thread => thread.Join());
        }

        Assert.That(_real.Containers(), Is.Empty);
    }

    /// <summary>Either the result or the cancellation comes out, whenever the token is cancelled, and nothing is left.</summary>
    [Test]
    public async Task Cancellation_AtAnyMoment_LosesNeitherResultNorContainer()
    {
        var mark = $"6{Environment.ProcessId}.7";
        var before = RealOrca.Descriptors();
        var random = Sampling.Random();
        var (results, cancellations) = (0, 0);
        for (var i = 0; i < Sampling.Rounds(200); i++)
        {
            using var cancellation = new CancellationTokenSource();
            var run = Orca.RunAsync(RealOrca.Script(i % 3 == 0 ? $"sleep {mark}" : "echo all; exit 3"), cancellation.Token);
            var wait = Stopwatch.StartNew();
            var moment = TimeSpan.FromMicroseconds(random.Next(30_000));
            while (wait.Elapsed < moment)
            {
                await Task.Yield();
            }

            await cancellation.CancelAsync();
            try
            {
                var result = await run;
                Assert.That((result.StandardOutput, result.ExitCode), Is.EqualTo(("all\n", 3)));
                results++;
            }
            catch (OperationCanceledException)
            {
                cancellations++;
            }
        }

        TestContext.Out.WriteLine($"{results} results, {cancellations} cancellations");
        Assert.That(World.Processes(mark), Is.Empty);
        Assert.That(_real.Containers(), Is.Empty);
        Assert.That(RealOrca.Descriptors(), Is.LessThanOrEqualTo(before + Slack));
    }

    [Test]
    public async Task StandingContainers_TakeNoThreads()
    {
        const int many = 120, threads = 32;
        ThreadPool.GetMinThreads(out var workers, out _);
        var before = RealOrca.Threads();
        var containers = await Task.WhenAll(Enumerable.Range(0, many).Select(static i => i).Select(i => Orca.StartAsync(RealOrca.Script($"echo {i}; exec sleep 600"))));
        try
        {
            var ends = containers.Select(static container => container.WaitForExitAsync()).ToList();
            var lines = containers.Select(static container => new StreamReader(container.Streams.Output!).ReadLineAsync()).ToList();
            Assert.That((await Task.WhenAll(lines)).Select(static line => line!), Is.EqualTo(Enumerable.Range(0, many).Select(static i => $"{i}")));
            TestContext.Out.WriteLine($"{before} threads before, {RealOrca.Threads()} beside {many} containers, {workers} workers at least");
            Assert.That(RealOrca.Threads(), Is.LessThan(threads).Or.LessThanOrEqualTo(before + workers + 4));
            Assert.That(ends.Any(static end => end.IsCompleted), Is.False);
        }
        finally
        {
            await Task.WhenAll(containers.Select(static container => container.DisposeAsync().AsTask()));
        }

        Assert.That(_real.Containers(), Is.Empty);
    }

    [Test]
    public async Task ProgramsThatTheHostStartsMeanwhile_InheritNoDescriptor()
    {
        using var done = new CancellationTokenSource();
        var launches = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Orca.RunAsync(RealOrca.Script("echo x"))));
            }
        });
        for (var i = 0; i < Sampling.Rounds(60); i++)
        {
            using var program = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "echo /proc/self/fd/*"]) { RedirectStandardOutput = true })!;
            Assert.That((await program.StandardOutput.ReadToEndAsync()).Trim().Split(' '), Has.Length.LessThanOrEqualTo(4), "0, 1, 2 and the directory");
            await program.WaitForExitAsync();
        }

        await done.CancelAsync();
        await launches;
    }

    private static void AllocateUntil(CancellationToken done)
    {
        var keep = new object[1000];
        for (var i = 0; !done.IsCancellationRequested; i++)
        {
            keep[i % keep.Length] = new byte[1000 + (i % 5000)];
        }
    }
}
