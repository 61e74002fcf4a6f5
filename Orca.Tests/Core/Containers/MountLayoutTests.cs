using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Tests.Fakes;

namespace Orca.Tests.Core.Containers;

/// <summary>Which mount is seen where, with links of an image: /var/run to /run, /srv to /opt/data, /etc/alias to /etc/hosts.</summary>
public sealed class MountLayoutTests
{
    private static readonly Dictionary<string, string> s_links = new() { ["/var/run"] = "/run", ["/srv"] = "/opt/data", ["/etc/alias"] = "/etc/hosts" };

    /// <summary>A run with mounts as they are typed: <c>-v SOURCE:TARGET[:ro]</c> and <c>--tmpfs TARGET[:OPTIONS]</c>, several after one another.</summary>
    internal static RunOptions Options(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var pairs = Enumerable.Range(0, words.Length / 2).Select(i => (Option: words[2 * i], Value: words[(2 * i) + 1])).ToList();
        return new RunOptions
        {
            Files = new()
            {
                Mounts = [.. pairs.Where(pair => pair.Option == "-v").Select(pair => pair.Value.Split(':')).Select(parts => new BindMount(parts[0], parts[1], parts.Length > 2))],
                TemporaryMounts = [.. pairs.Where(pair => pair.Option == "--tmpfs").Select(pair => TemporaryMount.Parse(pair.Value))],
            },
        };
    }

    [TestCase("-v /x:/a/b --tmpfs /a", "/a /a/b")]
    [TestCase("-v /x:/a/b -v /y:/a", "/a /a/b")]
    [TestCase("-v /x:/b -v /y:/a", "/b /a")]
    [TestCase("-v /x:/run/x --tmpfs /var/run", "/var/run /run/x", Description = "the place of /var/run is above")]
    [TestCase("-v /x:/var/run/x -v /y:/run", "/run /var/run/x")]
    [TestCase("-v /x:/var -v /y:/var/run -v /z:/run/x", "/var /var/run /run/x", Description = "what is mounted on /var covers its link")]
    public void Order_IsThatOfThePlaces(string line, string expected) =>
        Assert.That(string.Join(' ', Layout(line).Mounts.Select(mount => mount.Target)), Is.EqualTo(expected));

    [TestCase("", "/etc/hosts", false)]
    [TestCase("--tmpfs /etc", "/etc/hosts", false)]
    [TestCase("--tmpfs /etc/hosts", "/etc/hosts", true)]
    [TestCase("--tmpfs /etc/hosts/x", "/etc/hosts", true)]
    [TestCase("-v /x:/etc", "/etc/hosts", true)]
    [TestCase("-v /x:/etc/./hosts", "/etc/hosts", true)]
    [TestCase("-v /x:/etc/hosts/deep", "/etc/hosts", true)]
    [TestCase("-v /x:/etc/alias", "/etc/hosts", true)]
    [TestCase("-v /x:/etc/host", "/etc/hosts", false)]
    [TestCase("-v /x:/etc/hosts2", "/etc/hosts", false)]
    [TestCase("-v /x:/var/run", "/run/orca/apt.conf", true)]
    [TestCase("--tmpfs /var/run", "/run/orca/apt.conf", false)]
    [TestCase("-v /x:/run/orca", "/run/orca/apt.conf", true)]
    [TestCase("-v /x:/var", "/run/orca/apt.conf", false)]
    [TestCase("-v /x:/var -v /y:/var/run", "/run/orca/apt.conf", false)]
    [TestCase("-v /x:/run --tmpfs /run/orca", "/run/orca/apt.conf", false, Description = "the innermost counts")]
    [TestCase("--tmpfs /run -v /x:/run/orca", "/run/orca/apt.conf", true)]
    [TestCase("-v /x:/srv", "/opt/data/file", true)]
    [TestCase("-v /x:/etc", "/srv/file", false)]
    public void File_IsHidden_WhereTheCallersMountWins(string line, string file, bool isHidden) => Assert.That(Layout(line).Hides(file), Is.EqualTo(isHidden));

    [TestCase("--tmpfs /etc", "/etc/hosts", "/etc")]
    [TestCase("--tmpfs /etc -v /x:/etc/apt", "/etc/apt/y", "/etc/apt")]
    [TestCase("--tmpfs /var/run", "/run/orca", "/var/run")]
    [TestCase("--tmpfs /var/run", "/var/x", null)]
    [TestCase("--tmpfs /run -v /x:/run/y", "/run/yy", "/run")]
    public void Over_IsTheInnermostMount(string line, string path, string? expected) => Assert.That(Layout(line).Over(path)?.Target, Is.EqualTo(expected));

    private static MountLayout Layout(string line)
    {
        var options = Options(line);
        return new MountLayout(options.Files.Mounts, options.Files.TemporaryMounts, PlaceProbe.Look(new LinkedPaths(s_links), options));
    }
}
