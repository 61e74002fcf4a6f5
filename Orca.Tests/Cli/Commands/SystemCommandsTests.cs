using System.Text.Json;
using NUnit.Framework;
using Orca.Core.Upkeep;

namespace Orca.Tests.Cli.Commands;

/// <summary>system df, check and prune.</summary>
public sealed class SystemCommandsTests
{
    [Test]
    public void Usage_IsATable()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("system", "df"), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo("""
            store /store (ext4, 5.00 GB free)

            WHAT                   ON DISK   SHARED    OWN
            image alpine:latest    8.00 MB   2.00 MB   6.00 MB
            1 image, together      14.0 MB   -         -
            1 fetched layer        1.00 MB   -         1.00 MB
            2 leftovers to prune   8.19 kB   -         8.19 kB

            """));
    }

    [Test]
    public void Usage_ForPrograms_HasSharedAndOwn()
    {
        var world = new FakeWorld();
        world.Add("alpine");
        Assert.That(world.Run("system", "df", "--format", "json"), Is.Zero);
        using var json = JsonDocument.Parse(world.Out.Text);
        var image = json.RootElement.GetProperty("images")[0];
        Assert.That((image.GetProperty("shared").GetInt64(), image.GetProperty("own").GetInt64()), Is.EqualTo((2_000_000, 6_000_000)));
        Assert.That(json.RootElement.GetProperty("garbage").GetProperty("count").GetInt32(), Is.EqualTo(2));
    }

    [TestCase("prune")]
    [TestCase("system prune")]
    public void Prune_SaysWhatWent(string line)
    {
        var world = new FakeWorld { Pruned = new PruneReport { Images = [FakeWorld.SomeDigest], Containers = ["run-1"], Parts = 2, Leftovers = 1, Bytes = 1234 } };
        Assert.That(world.Run(line.Split(' ')), Is.Zero);
        Assert.That(world.Out.Text, Is.EqualTo($"deleted image {FakeWorld.SomeDigest}\ndeleted container run-1\ndeleted 2 fetched layers\ndeleted 1 leftover\nfreed 1.23 kB\n"));
        Assert.That(world.PruneAsked!.Unfinished, Is.False);
        world.Run([.. line.Split(' '), "-af", "--format", "json"]);
        Assert.That(world.PruneAsked.Unfinished, Is.True);
    }

    [Test]
    public void Prune_OfNothing_SaysSo()
    {
        var world = new FakeWorld();
        Assert.That((world.Run("prune"), world.Out.Text), Is.EqualTo((0, "nothing to delete\n")));
    }

    [Test]
    public void Prune_WhatResists_IsAFailure()
    {
        var world = new FakeWorld { Pruned = new PruneReport { Failures = ["images/x: EPERM (operation not permitted)"] } };
        Assert.That(world.Run("prune"), Is.EqualTo(125));
        Assert.That(world.Error.Text, Is.EqualTo("orca: cannot delete all of it: images/x: EPERM (operation not permitted)\n"));
    }

    [Test]
    public void Check_Sound_SaysSo()
    {
        var world = new FakeWorld();
        Assert.That((world.Run("system", "check", "-q"), world.Out.Text), Is.EqualTo((0, "checked 2 images, 10 names: all sound\n")));
        Assert.That(world.CheckAsked!.Quick, Is.True);
    }

    [Test]
    public void Check_Damage_IsStatus1()
    {
        var world = new FakeWorld
        {
            Checked = new StoreReport
            {
                Images = 1,
                Entries = 3,
                Findings = [new StoreFinding(true, "image x", "'/etc/motd' is missing", "orca pull x"), new StoreFinding(false, "file 'y'", "is not of the store", null)],
            },
        };
        Assert.That(world.Run("system", "check"), Is.EqualTo(1));
        Assert.That(world.Out.Text, Is.EqualTo("damaged: image x: '/etc/motd' is missing\nnote: file 'y': is not of the store\nrepair: orca pull x\nchecked 1 image, 3 names: 1 damaged\n"));
        world = new FakeWorld { Checked = world.Checked };
        Assert.That(world.Run("system", "check", "--format", "json"), Is.EqualTo(1));
        using var json = JsonDocument.Parse(world.Out.Text);
        Assert.That(json.RootElement.GetProperty("damaged").GetBoolean(), Is.True);
    }

    [Test]
    public void Share_SaysWhere_AndWhatItTookAway()
    {
        var world = new FakeWorld();
        Assert.That((world.Run("system", "share"), world.Out.Text, world.Shared), Is.EqualTo((0, "/store\n", true)));
        Assert.That(world.Error.Text, Does.Contain("2 files in images were set-uid"));
        Assert.That((world.Run("system", "share", "--off"), world.Shared), Is.EqualTo((0, false)));
    }

    [Test]
    public void Unknown_IsRefused()
    {
        var world = new FakeWorld();
        Assert.That(world.Run("system", "prun"), Is.EqualTo(125));
        Assert.That(world.Error.Text, Does.Contain("prun").And.Contain("prune"));
    }
}
