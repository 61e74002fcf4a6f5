using System.Net;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Testing;
using Orca.Tests.Facade;

namespace Orca.Tests.Samples;

/// <summary>The samples work as they stand.</summary>
[TestFixture]
internal sealed class SampleTests
{
    private RealOrca _real = null!;

    [OneTimeSetUp]
    public void Load() => _real = new RealOrca();

    [OneTimeTearDown]
    public void Remove() => _real.Dispose();

    [Test]
    public async Task ToolOutput_OfADirectory_IsRead()
    {
        var directory = Directory.CreateTempSubdirectory("orca-sample-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "b.txt"), "bb");
            await File.WriteAllTextAsync(Path.Combine(directory, "a.txt"), "a");
            Assert.That(await ToolOutput.ReadAsync(_real.Orca, "busybox", directory, ["/bin/sh", "-c", "ls"], CancellationToken.None), Is.EqualTo(["a.txt", "b.txt"]));
            Assert.That(() => ToolOutput.ReadAsync(_real.Orca, "busybox", directory, ["/bin/sh", "-c", "echo x > /data/c.txt"], CancellationToken.None), Throws.TypeOf<ContainerFailedException>());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public async Task BuildFarm_RunsEveryJob_InOrder()
    {
        var jobs = Enumerable.Range(0, 12).Select(static i => $"echo job {i}; exit {i}").ToList();
        var results = await new BuildFarm(_real.Orca, "busybox", workers: 3).RunAsync(jobs, CancellationToken.None);
        Assert.That(results.Select(static result => (result.StandardOutput, result.ExitCode)), Is.EqualTo(Enumerable.Range(0, 12).Select(static i => ($"job {i}\n", i))));
    }

    [Test]
    public async Task Builder_IsTestedWithAFake()
    {
        var orca = new FakeOrca();
        orca.When(static start => start.Image!.Repository == "library/gcc" && start.Command is ["make", ..]).PrintsError("cc main.c\nmain.c:3: error: expected ';'\n").Exits(2);
        Assert.That(await new Builder(orca).BuildAsync("/home/me/src", CancellationToken.None), Is.EqualTo((false, "main.c:3: error: expected ';'")));
        Assert.That(orca.Starts.Single().Mounts, Is.EqualTo(new[] { new BindMount("/home/me/src", "/src", ReadOnly: false) }));
    }

    [Test]
    public async Task CodeRunner_RunsScripts_WithLimitsAndADeadline()
    {
        await using var app = CodeRunner.Build(_real.StoreRoot, "busybox", TimeSpan.FromSeconds(5));
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        async Task<(HttpStatusCode Status, string Text)> RunAsync(string script)
        {
            using var body = new StringContent(script);
            using var answer = await client.PostAsync(new Uri("/run", UriKind.Relative), body);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        Assert.That(await client.GetStringAsync(new Uri("/health", UriKind.Relative)), Is.EqualTo("Healthy"));
        Assert.That(await RunAsync("echo hello; exit 3"), Is.EqualTo((HttpStatusCode.OK, "exit status 3\nhello\n")));
        Assert.That((await RunAsync("echo x > /file")).Text, Does.Contain("Read-only file system"));
        Assert.That((await RunAsync("while :; do :; done")).Text, Does.Contain("timed out"));
        await app.StopAsync();
    }
}
