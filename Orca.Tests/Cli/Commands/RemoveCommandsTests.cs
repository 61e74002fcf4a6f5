using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.References;

namespace Orca.Tests.Cli.Commands;

/// <summary>rm and rmi.</summary>
public sealed class RemoveCommandsTests
{
    [Test]
    public void Rmi_SaysWhatWent()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("rmi", "alpine"), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo($"untagged: alpine:latest\ndeleted: {FakeWorld.SomeDigest}\n"));
    }

    [Test]
    public void Rmi_GoesOnAfterAFailure_AndTellsByItsStatus()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("rmi", "missing", "BAD", "alpine"), Is.EqualTo(125));
        Assert.That(world.Removed, Is.EqualTo(["alpine:latest"]));
        Assert.That(world.Error.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(2).And.All.StartsWith("orca: cannot "));
    }

    [Test]
    public void Rmi_ByDigest_TakesEveryName()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("rmi", FakeWorld.SomeDigest.ToString()), Is.Zero);
        Assert.That(world.Removed, Is.EqualTo(["alpine:latest"]));
        Assert.That(world.Run("rmi", FakeWorld.SomeDigest.ToString()), Is.EqualTo(125));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Rmi_ByDigest_OfWhatAContainerIsMadeOf_TakesNoName(bool kept)
    {
        var world = new FakeWorld();
        var record = new ContainerRecord { Name = "box", Image = world.Add("alpine").References[0], ImageDigest = FakeWorld.SomeDigest, Created = world.Time.GetUtcNow(), Options = new RunOptions() };
        world.Containers.Add(new ContainerSummary { Record = record, Kept = kept });
        Assert.That(world.Run("rmi", "aaaaaaaaaaaa"), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith("orca: cannot remove image 'aaaaaaaaaaaa': container 'box' is made of it\nhint: ").And.Contain("orca rmi -f aaaaaaaaaaaa").And.Contain(kept ? "its last container is removed" : "wait until it has ended"));
        Assert.That(world.Removed, Is.Empty);
        Assert.That(world.Run("rmi", "-f", "aaaaaaaaaaaa"), Is.Zero);
        Assert.That(world.Removed, Is.EqualTo(["alpine:latest"]));
    }

    [TestCase("aaaaaaaaaaaa")]
    [TestCase("sha256:aaaa")]
    [TestCase("sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Rmi_OfANamelessImage_TakesItsDigestOrTheBeginning(string text)
    {
        var world = new FakeWorld();
        world.Add("alpine");
        world.Images[0] = world.Images[0] with { References = [] };
        Assert.That(world.Run("rmi", text), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo($"deleted: {FakeWorld.SomeDigest}\n"));
    }

    [Test]
    public void Rmi_DigestBeginsTwoImages_IsRefused()
    {
        var world = new FakeWorld();
        world.Add("one");
        world.Add("two");
        world.Images[1] = world.Images[1] with { Digest = Digest.Parse("sha256:aaaab" + new string('0', 59)) };
        Assert.That(world.Run("rmi", "aaaa"), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.StartWith("orca: cannot remove image 'aaaa': 2 digests begin so\n"));
        Assert.That(world.Run("rmi", "aaaab"), Is.Zero);
        Assert.That(world.Removed, Is.EqualTo(["two:latest"]));
    }

    [Test]
    public void Rmi_NameThatLooksLikeADigest_IsTheName()
    {
        var world = new FakeWorld();
        world.Add("aaaa");
        world.Add("other");
        Assert.That(world.Run("rmi", "aaaa"), Is.Zero);
        Assert.That(world.Removed, Is.EqualTo(["aaaa:latest"]));
    }

    [TestCase("rmi", 125)]
    [TestCase("rm", 1)]
    public void Force_OnWhatIsMissing_IsNoError(string command, int status)
    {
        var world = new FakeWorld();
        Assert.That(world.Run(command, "-f", "missing"), Is.Zero);
        Assert.That(world.Run(command, "missing", "--force"), Is.Zero);
        Assert.That(world.Run(command, "missing"), Is.EqualTo(status));
    }

    [Test]
    public void Rm_PrintsTheNames()
    {
        var world = new FakeWorld();
        foreach (var name in (string[])["a", "b"])
        {
            world.Containers.Add(new ContainerSummary
            {
                Kept = true,
                Record = new ContainerRecord
                {
                    Name = name,
                    Image = ImageReference.Parse("alpine"),
                    ImageDigest = FakeWorld.SomeDigest,
                    Created = default,
                    Options = new RunOptions(),
                },
            });
        }

        Assert.That(world.Run("rm", "a", "missing", "b"), Is.EqualTo(1));
        Assert.That(world.Out.Text, Is.EqualTo("a\nb\n"));
    }
}
