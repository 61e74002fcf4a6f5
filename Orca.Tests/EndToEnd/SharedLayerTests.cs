using System.Globalization;
using System.Text.Json;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Two images with a layer in common, as people have them: a distribution, and something made from it.</summary>
[Category("EndToEnd")]
public sealed class SharedLayerTests
{
    [TestCase(World.Debian, World.Dev)]
    [TestCase(World.Dev, World.Debian)]
    public void SecondImage_FetchesAndWritesOnlyWhatIsNew(string first, string second)
    {
        using var home = new Home();
        using var alone = new Home();
        home.Orca("pull", "-q", first).Within(240).Run().Succeeds();
        var (before, whole) = (Disk(home), Pull(alone, second));
        var fetched = Pull(home, second);
        var common = Layers(home, first).Intersect(Layers(home, second)).ToList();
        Assert.That(common, Has.Count.EqualTo(1));
        Assert.That(fetched, Is.EqualTo(whole - common[0].Size), "no byte of the common layer");
        var shared = Shared(home, second);
        Assert.That(shared, Is.GreaterThan(100_000_000));
        Assert.That(Disk(home) - before, Is.LessThan((Disk(alone) - shared) * 1.05), "and no file of it");
        Assert.That(Listing(home, second), Is.EqualTo(Listing(alone, second)));
        home.Orca("rmi", first).Run().Succeeds();
        Assert.That(home.Orca("system", "check").Within(120).Run().Succeeds().Output, Does.EndWith("all sound\n"));
        home.Orca("run", "--entrypoint", "dpkg", second, "-s", "dpkg").Run().Succeeds();
    }

    private static long Pull(Home home, string image)
    {
        var lines = home.Orca("pull", "--progress", "json", image).Within(240).Run().Succeeds().Errors.Split('\n');
        return JsonDocument.Parse(lines.Last(static line => line.Contains("\"event\":\"done\"", StringComparison.Ordinal))).RootElement.GetProperty("bytes").GetInt64();
    }

    private static long Disk(Home home) => long.Parse(home.Shell("du -sB1 .local/share/orca").Output.Split('\t')[0], CultureInfo.InvariantCulture);

    /// <summary>Bytes on the disk that the image's files have in common with others.</summary>
    private static long Shared(Home home, string image) => long.Parse(
        home.Shell($"find {Directory(home, image)}/rootfs -type f -links +1 -printf '%i %b\\n' | sort -u | awk '{{sum += $2 * 512}} END {{printf \"%d\", sum}}'").Output, CultureInfo.InvariantCulture);

    private static string Listing(Home home, string image) =>
        home.Shell($"cd {Directory(home, image)}/rootfs && find . ! -path '*/.*' -printf '%p %y %m %s %T@ %l\\n' | LC_ALL=C sort; tr '\\0' '\\n' <../owners | grep -v '^10[2-7][0-7]* 0 0 - '").Output; // set-id files are named in one table and not in the other

    private static List<(string Digest, long Size)> Layers(Home home, string image) =>
        [.. JsonDocument.Parse(home.Shell($"cat {Directory(home, image)}/manifest.json").Output).RootElement.GetProperty("layers").EnumerateArray()
            .Select(static layer => (layer.GetProperty("digest").GetString()!, layer.GetProperty("size").GetInt64()))];

    private static string Directory(Home home, string image)
    {
        var images = JsonDocument.Parse(home.Orca("images", "--format", "json").Run().Succeeds().Output).RootElement.EnumerateArray();
        var one = images.Single(candidate => candidate.GetProperty("names")[0].GetString()!.StartsWith(image, StringComparison.Ordinal));
        return ".local/share/orca/images/" + one.GetProperty("digest").GetString()!.Replace(':', '-');
    }
}
