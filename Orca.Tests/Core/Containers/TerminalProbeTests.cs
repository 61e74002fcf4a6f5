using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Tests.Fakes;

namespace Orca.Tests.Core.Containers;

/// <summary>Which kind of terminal a container's programs are told they have.</summary>
[TestFixture]
public sealed class TerminalProbeTests
{
    private static readonly ImageConfig s_config = new() { Platform = Platform.Current, DiffIds = [], Cmd = ["sh"] };

    [TestCase("xterm", "xterm")]
    [TestCase("xterm-256color", "xterm-256color")]
    [TestCase("linux", "linux")]
    [TestCase("xterm-kitty", "xterm-256color")]
    [TestCase("xterm-ghostty", "xterm-256color")]
    [TestCase("alacritty", "xterm-256color")]
    [TestCase("foot", "xterm-256color")]
    [TestCase("tmux-256color", "screen-256color")]
    [TestCase("screen.xterm-new", "screen-256color")]
    [TestCase("rxvt-unicode-256color", "rxvt")]
    [TestCase("vt420", "vt100", Description = "it understands less than xterm says")]
    [TestCase(null, "xterm")]
    [TestCase("", "xterm")]
    [TestCase("../../etc/passwd", "xterm")]
    [TestCase("a\nb", "xterm")]
    public void Kind_IsTheCallers_OrTheNearestThatTheImageKnows(string? caller, string expected) =>
        Assert.That(Look(caller, "/lib/terminfo/x/xterm", "/lib/terminfo/x/xterm-256color", "/usr/share/terminfo/s/screen-256color", "/etc/terminfo/l/linux", "/lib/terminfo/r/rxvt", "/lib/terminfo/v/vt100"), Is.EqualTo(expected));

    [Test]
    public void Kind_OfManyColors_IsXterm_WhereTheImageKnowsNoMore() => Assert.That(Look("xterm-kitty", "/etc/terminfo/x/xterm"), Is.EqualTo("xterm"));

    [TestCase("xterm-kitty", "xterm")]
    [TestCase("xterm-256color", "xterm-256color")]
    [TestCase("screen", "screen")]
    [TestCase("dumb", "dumb")]
    public void Kind_InAnImageWithoutTerminfo_IsACommonOne(string caller, string expected) => Assert.That(Look(caller), Is.EqualTo(expected));

    [Test]
    public void Kind_ThatTheRunSays_IsNotLookedFor() =>
        Assert.That(Look("foot", new RunOptions { Process = new() { Env = ["TERM=vt52"] } }, ["/lib/terminfo/x/xterm"]), Is.EqualTo("foot")); // and replaced by what it says

    private static string Look(string? term, params string[] files) => Look(term, new RunOptions(), files);

    private static string Look(string? term, RunOptions run, string[] files)
    {
        var store = new MemoryContainerStore(new MemoryImageStore());
        foreach (var file in files)
        {
            store.Files[file] = [1];
        }

        var image = new StoredImage { Digest = Digest.Parse("sha256:" + new string('a', 64)), Config = s_config, Rootfs = "images/a/rootfs", References = [] };
        using var container = store.CreateEphemeral(image, new ContainerRecord
        {
            Name = "x",
            Image = ImageReference.Parse("alpine"),
            ImageDigest = image.Digest,
            Created = DateTimeOffset.UnixEpoch,
            Options = run,
        });
        return TerminalProbe.Look(container.Image.Config, new ContainerFileReader(container, note: null), run, term);
    }
}
