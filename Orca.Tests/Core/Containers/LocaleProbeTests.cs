using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Tests.Fakes;

namespace Orca.Tests.Core.Containers;

/// <summary>Which locale a container's programs get. Row H19.</summary>
[TestFixture]
public sealed class LocaleProbeTests
{
    private static readonly ImageConfig s_config = new() { Platform = Platform.Current, DiffIds = [], Cmd = ["sh"] };

    [TestCase(null, null)]
    [TestCase("", null)]
    [TestCase("C", null)]
    [TestCase("POSIX", null)]
    [TestCase("C.UTF-8", "C.UTF-8")]
    [TestCase("en_US.UTF-8", "en_US.UTF-8")]
    [TestCase("en_US.utf8", "en_US.utf8")]
    [TestCase("ca_ES.UTF-8@valencia", "ca_ES.UTF-8@valencia")]
    [TestCase("de_DE.ISO-8859-15@euro", "de_DE.ISO-8859-15@euro")]
    [TestCase("nb_NO", "nb_NO")]
    [TestCase("fr_FR.UTF-8", "C.UTF-8", Description = "the container lacks it")]
    [TestCase("../../etc", "C.UTF-8")]
    [TestCase("/nix/store/x", "C.UTF-8")]
    [TestCase("en_US.UTF-8\n", "C.UTF-8")]
    [TestCase("S", "C.UTF-8", Description = "part of a name in the archive")]
    public void Locale_IsTheCallers_WhereTheContainerHasIt(string? host, string? expected)
    {
        var files = new Dictionary<string, byte[]>
        {
            ["/usr/lib/locale/en_US.utf8/LC_MEASUREMENT"] = [1],
            ["/usr/lib/locale/locale-archive"] = Archive("ca_ES.utf8@valencia", "nb_NO", "de_DE.iso885915@euro"),
        };
        Assert.That(Look(files, new RunOptions(), s_config, ("LANG", host)), Is.EqualTo(expected));
    }

    [Test]
    public void LcAll_GoesBeforeLang() =>
        Assert.That(Look([], new RunOptions(), s_config, ("LANG", "C"), ("LC_ALL", "sv_SE.UTF-8")), Is.EqualTo("C.UTF-8"));

    [TestCase("LANG=ja_JP.UTF-8")]
    [TestCase("LANG=")]
    [TestCase("LC_ALL=C")]
    public void WhatTheImageOrTheRunSays_Stays(string variable)
    {
        Assert.That(Look([], new RunOptions { Process = new() { Env = [variable] } }, s_config, ("LANG", "sv_SE.UTF-8")), Is.Null);
        Assert.That(Look([], new RunOptions(), s_config with { Env = [variable] }, ("LANG", "sv_SE.UTF-8")), Is.Null);
    }

    [TestCase(new byte[] { 1, 2, 3 })]
    [TestCase(new byte[] { })]
    public void Archive_ThatIsNone_HasNothing(byte[] bytes) =>
        Assert.That(Look(new() { ["/usr/lib/locale/locale-archive"] = bytes }, new RunOptions(), s_config, ("LANG", "nb_NO")), Is.EqualTo("C.UTF-8"));

    [TestCase(20, uint.MaxValue)]
    [TestCase(20, 1u << 30)]
    [TestCase(24, uint.MaxValue)]
    [TestCase(0, 7u)]
    public void Archive_ThatLies_HasNothing(int place, uint value)
    {
        var archive = Archive("nb_NO");
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(place), value);
        Assert.That(Look(new() { ["/usr/lib/locale/locale-archive"] = archive }, new RunOptions(), s_config, ("LANG", "nb_NO")), Is.EqualTo("C.UTF-8"));
    }

    private static byte[] Archive(params string[] names)
    {
        var strings = Encoding.ASCII.GetBytes(string.Join('\0', names) + "\0");
        var archive = new byte[100 + strings.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(archive, 0xde020109);
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(20), 100);
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(24), (uint)strings.Length);
        strings.CopyTo(archive, 100);
        return archive;
    }

    private static string? Look(Dictionary<string, byte[]> files, RunOptions run, ImageConfig config, params (string Name, string? Value)[] variables)
    {
        var store = new MemoryContainerStore(new MemoryImageStore());
        foreach (var (path, bytes) in files)
        {
            store.Files[path] = bytes;
        }

        var image = new StoredImage { Digest = Digest.Parse("sha256:" + new string('a', 64)), Config = config, Rootfs = "images/a/rootfs", References = [] };
        using var container = store.CreateEphemeral(image, new ContainerRecord
        {
            Name = "x",
            Image = ImageReference.Parse("alpine"),
            ImageDigest = image.Digest,
            Created = DateTimeOffset.UnixEpoch,
            Options = run,
        });
        return LocaleProbe.Look(container.Image.Config, new ContainerFileReader(container, note: null), run, name => Array.Find(variables, pair => pair.Name == name).Value);
    }
}
