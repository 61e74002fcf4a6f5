using NUnit.Framework;
using Orca.Tests.Architecture;

namespace Orca.Tests.EndToEnd;

/// <summary>Tests of two checkouts at once: one waits for the other's images, and the registries stay for both.</summary>
[Category("EndToEnd")]
public sealed class FixtureLockTests
{
    [Test]
    public void TwoCheckouts_WhileAThirdBuilds_WaitAndHaveTheImages()
    {
        Needs.Root("the images are root's");
        var directory = Directory.CreateDirectory(Path.Combine(World.Root, "checkouts")).FullName;
        var script = $"""
            cd {directory}
            for clone in one two; do
              mkdir -p $clone/.ci $clone/Orca.Tests/Fixtures
              cp {Repository.Root}/.ci/plain $clone/.ci
              cp {Repository.Root}/Orca.Tests/Fixtures/real-images.sh $clone/Orca.Tests/Fixtures
            done
            flock "$fixtures/images.lock" sleep 3 &
            sleep 1
            for clone in one two; do
              $clone/Orca.Tests/Fixtures/real-images.sh during sh -c 'curl -sf -o image http://localhost:5000/v2/busybox/tags/list && sleep 1 && curl -sf http://localhost:5000/v2/busybox/tags/list' > $clone/printed 2>&1 &
              eval "$clone=$!"
            done
            wait $one && wait $two && cat one/printed two/printed
            """;
        var printed = new Command("bash", "-c", script).AsCaller().With("fixtures", Environment.GetEnvironmentVariable("ORCA_FIXTURES") ?? "/var/tmp/orca-fixtures").Run().Succeeds().Lines;
        Assert.That(printed.Count(static line => line.StartsWith("waiting for another who builds images", StringComparison.Ordinal)), Is.AtLeast(2), "each may wait for the other's end, too");
        Assert.That(printed.Where(static line => line.Contains("\"latest\"", StringComparison.Ordinal)), Has.Exactly(2).Items);
    }
}
