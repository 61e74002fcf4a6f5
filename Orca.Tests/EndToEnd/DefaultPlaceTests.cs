using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Garbage of every kind in each default place of docs/host-files.md: a container starts with at most one note, or an error names the file.</summary>
[Category("EndToEnd"), NonParallelizable]
public sealed class DefaultPlaceTests
{
    private const int Sample = 50;

    /// <summary>Paths of a bare system, and whether what is in them may be an error: they say whom to trust and where to ask.</summary>
    private static readonly (string Path, bool Decides)[] s_places =
    [
        ("home/.config/containers/auth.json", false), ("home/.docker/config.json", false), ("run/containers/auth.json", false), ("run/containers", false),
        ("home/.config/containers/registries.conf", true), ("etc/containers/registries.conf", true), ("etc/containers/registries.conf.d", false), ("etc/containers/registries.conf.d/one.conf", true),
        ("etc/containers/certs.d", false), ("etc/containers/certs.d/127.0.0.1:5000", false), ("etc/containers/certs.d/127.0.0.1:5000/ca.crt", true), ("home/.config/containers", false), ("home/.docker", false),
        ("etc/subuid", false), ("etc/subgid", false), ("etc/nsswitch.conf", false), ("etc/hosts", false), ("etc/resolv.conf", false), ("etc/localtime", false), ("etc/timezone", false),
        ("etc/passwd", false), ("usr/share/zoneinfo", false), ("etc/ssl/certs/ca-certificates.crt", false), ("run/systemd/container", false),
    ];

    /// <summary>How each is made, at $0; the account is no root.</summary>
    private static readonly (string Way, string Script)[] s_ways =
    [
        ("closed", "echo text > $0; chmod 0 $0"), ("closed directory", "mkdir $0; chmod 0 $0"), ("directory", "mkdir $0"), ("large", "truncate -s 5G $0"),
        ("not UTF-8", "printf '[\\377\\376\\200' > $0"), ("syntax", "printf '{{[[= \"\\n' > $0"), ("empty", ": > $0"), ("zeros", "head -c 3000 /dev/zero > $0"),
        ("link to nothing", "ln -s nothing $0"), ("loop of links", "ln -s $(basename $0) $0"), ("FIFO", "mkfifo $0"), ("device", "ln -s /dev/zero $0"),
    ];

    [Test]
    public void Garbage_KeepsNoContainerFromStarting()
    {
        Needs.Root("a bare system takes a mount namespace of the host");
        var wrong = new List<string>();
        var all = (from place in s_places from way in s_ways select (place, way)).ToList();
        foreach (var (place, way) in Sampling.Of(all, Sample, static one => one.place.Path))
        {
            if (Problem(place.Path, way.Way, way.Script, place.Decides) is { } problem)
            {
                wrong.Add($"{place.Path}, {way.Way}: {problem}");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    /// <summary>A login that cannot be read is an error only where a registry asks for one, which the user then hears together with the file.</summary>
    [TestCase("not UTF-8")]
    [TestCase("syntax")]
    [TestCase("zeros")]
    public void GarbageOfLogins_IsNamed_WhereALoginIsAskedFor(string way)
    {
        Needs.Root("a bare system takes a mount namespace of the host");
        using var system = new BareSystem();
        World.Tool("sh", "-c", "mkdir -p $(dirname $0); " + s_ways.Single(one => one.Way == way).Script, system.Directory + "/home/.docker/config.json").Succeeds();
        Assert.That(system.Run("HOME=/home /orca pull -q localhost:5001/busybox").Ends(125).Errors, Does.Contain("/home/.docker/config.json"));
    }

    private static string? Problem(string path, string way, string script, bool decides)
    {
        using var system = new BareSystem();
        var place = $"{system.Directory}/{path}";
        World.Tool("sh", "-c", $"umask 022; mkdir -p $(dirname $0); rm -rf $0; {script}", place).Succeeds();
        World.Tool("chown", "-Rh", World.User, system.Directory + "/home").Succeeds();
        if (path == "etc/passwd" || (path is "etc/nsswitch.conf" or "etc/localtime" && way is "FIFO" or "device" or "large"))
        {
            return null; // su(1), by which the account is entered, reads it itself
        }

        var run = system.Run("HOME=/home timeout 20 /orca run -q 127.0.0.1:5000/busybox echo inside");
        var notes = run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var isRefused = decides && run.Status == 125 && run.Errors.Contains("/" + path.Replace("/ca.crt", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        return isRefused || (run.Status == 0 && run.Output == "inside\n" && notes.Length <= 1 && notes.All(note => note.StartsWith("orca: note:", StringComparison.Ordinal)))
            ? null : $"{run.Status} {run.Output} {run.Errors}";
    }
}
