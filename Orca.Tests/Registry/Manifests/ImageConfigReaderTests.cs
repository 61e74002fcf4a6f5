using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Tests.Registry.Manifests;

[TestFixture]
public sealed class ImageConfigReaderTests
{
    private const string DiffId = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Rootfs = $$"""{"type":"layers","diff_ids":["{{DiffId}}"]}""";

    [Test]
    public void Read_FieldTwiceOrInAnotherCase_IsAsInGo()
    {
        var config = ImageConfigReader.Read("""
            {"os":"linux","architecture":"amd64","Architecture":"arm64","architecture":null,
             "config":{"Env":["A=1"],"Cmd":["one"],"User":"a"},"Config":{"cmd":["two"],"User":null},
             "rootfs":{"type":"layers","diff_ids":null},"rootfs":{"Diff_IDs":[]} }
            """u8);
        Assert.That((config.Platform.Architecture, config.User), Is.EqualTo(("arm64", "a")));
        Assert.That(config.Env.Concat(config.Cmd!), Is.EqualTo(["A=1", "two"]));
    }

    [Test]
    public void Read_AWholeConfig_GivesEveryField()
    {
        var config = Read($$"""
            {"architecture":"arm64","os":"linux","variant":"v8","created":"2020-01-01T00:00:00Z","author":"x",
             "config":{"Env":["A=1","B=ü"],"Entrypoint":["/e"],"Cmd":["a","b"],"User":"u:g","WorkingDir":"/w","StopSignal":"SIGINT",
                       "Labels":{"a":"b"},"Volumes":{"/../../etc":{} },"ExposedPorts":{"80/tcp":{} },"Healthcheck":{"Test":["NONE"]} },
             "rootfs":{{Rootfs}},"history":[{"created":"x","empty_layer":true}]}
            """);
        Assert.Multiple(() =>
        {
            Assert.That(config.Platform, Is.EqualTo(new Platform("linux", "arm64", "v8")));
            Assert.That(config.DiffIds, Is.EqualTo(new[] { Digest.Parse(DiffId) }));
            Assert.That(config.Env, Is.EqualTo(new[] { "A=1", "B=ü" }));
            Assert.That(config.Entrypoint, Is.EqualTo(new[] { "/e" }));
            Assert.That(config.Cmd, Is.EqualTo(new[] { "a", "b" }));
            Assert.That((config.User, config.WorkingDir, config.StopSignal, config.Created), Is.EqualTo(("u:g", "/w", "SIGINT", "2020-01-01T00:00:00Z")));
        });
    }

    [Test]
    public void Read_NullFields_AreAbsent()
    {
        var config = Read($$"""
            {"os":null,"architecture":null,"variant":null,"created":null,
             "config":{"Env":null,"Entrypoint":null,"Cmd":null,"User":null,"WorkingDir":null,"StopSignal":null},"rootfs":{"type":"layers","diff_ids":null} }
            """);
        Assert.Multiple(() =>
        {
            Assert.That(config.Platform.Os, Is.EqualTo("linux"));
            Assert.That(config.Env, Is.Empty);
            Assert.That(config.Entrypoint, Is.Null);
            Assert.That(config.Cmd, Is.Null);
            Assert.That(config.DiffIds, Is.Empty);
        });
    }

    [Test]
    public void Read_NullConfigAfterOne_TakesItAway() =>
        Assert.That(Read($$"""{"config":{"User":"a"},"config":null,"rootfs":{{Rootfs}}}""").User, Is.Null);

    [TestCase("""{"rootfs":{"type":"x","diff_ids":[]}}""", "instead of 'layers'")]
    [TestCase("""{"rootfs":{"type":null,"diff_ids":[]}}""", "rootfs.type")]
    [TestCase("""{"rootfs":{"diff_ids":[]}}""", "rootfs.type")]
    [TestCase("""{"rootfs":null}""", "rootfs")]
    [TestCase("{}", "rootfs")]
    [TestCase("""{"rootfs":{"type":"layers","diff_ids":["sha256:.."]}}""", "diff id")]
    [TestCase("""{"rootfs":{"type":"layers","diff_ids":[1]}}""", "not text")]
    [TestCase("""{"rootfs":{"type":"layers","diff_ids":"x"}}""", "not an array")]
    [TestCase("""{"config":{"Cmd":"sh -c x"},"rootfs":ROOTFS}""", "'Cmd'")]
    [TestCase("""{"config":{"Entrypoint":"sh"},"rootfs":ROOTFS}""", "'Entrypoint'")]
    [TestCase("""{"config":{"Env":{"A":"1"}},"rootfs":ROOTFS}""", "'Env'")]
    [TestCase("""{"config":{"Env":[["A=1"]]},"rootfs":ROOTFS}""", "'Env'")]
    [TestCase("""{"config":{"Env":[null]},"rootfs":ROOTFS}""", "'Env'")]
    [TestCase("""{"config":{"User":0},"rootfs":ROOTFS}""", "'User'")]
    [TestCase("""{"config":{"WorkingDir":["/"]},"rootfs":ROOTFS}""", "'WorkingDir'")]
    [TestCase("""{"config":[],"rootfs":ROOTFS}""", "'config'")]
    [TestCase("""{"config":{"Env":["A=\u0000"]},"rootfs":ROOTFS}""", "NUL")]
    [TestCase("""{"config":{"Cmd":["\ud800"]},"rootfs":ROOTFS}""", "surrogate")]
    [TestCase("""{"config":{"Cmd":["\udc80"]},"rootfs":ROOTFS}""", "surrogate")]
    public void Read_WhatIsNoConfig_IsRefused(string json, string cause)
    {
        var error = Assert.Throws<ContentException>(() => Read(json.Replace("ROOTFS", Rootfs, StringComparison.Ordinal)));
        Assert.That(error!.Message, Does.StartWith("cannot read the image: the image config ").And.Contains(cause));
    }

    [Test]
    public void Read_BytesThatAreNotUtf8_AreRefused()
    {
        var json = Encoding.UTF8.GetBytes($$"""{"config":{"Cmd":["x"]},"rootfs":{{Rootfs}}}""");
        json[Array.IndexOf(json, (byte)'x')] = 0xe9;
        Assert.That(() => ImageConfigReader.Read(json), Throws.TypeOf<ContentException>().With.Message.Contains("UTF-8"));
    }

    [Test]
    public void Read_Size_IsLimited()
    {
        static string History(int count) => string.Join(',', Enumerable.Repeat("""{"created_by":[{}]}""", count));
        Assert.Multiple(() =>
        {
            Assert.That(() => Read($$"""{"history":[{{History(65_536)}}],"rootfs":{{Rootfs}}}"""), Throws.Nothing);
            Assert.That(() => Read($$"""{"history":7,"rootfs":{{Rootfs}}}"""), Throws.Nothing, "it is not read");
            Assert.That(() => Read($$"""{"rootfs":{{Rootfs}},"history":[{{History(65_537)}}]}"""), Throws.TypeOf<ContentException>().With.Message.Contains("limit of 65536"));
            Assert.That(() => Read($$"""{"rootfs":{{Rootfs}},"history":[{{string.Join(',', Enumerable.Repeat("{}", 1_000_000))}}]}"""), Throws.TypeOf<ContentException>().With.Message.Contains("limit"), "D16");
            Assert.That(() => Read($$"""{"rootfs":{{Rootfs}},"pad":"{{new string('x', 8 << 20)}}"}"""), Throws.TypeOf<ContentException>().With.Message.Contains("limit"));
            Assert.That(() => Read($$"""{"rootfs":{"type":"layers","diff_ids":[{{string.Join(',', Enumerable.Repeat($"\"{DiffId}\"", 100_000))}}] } }"""), Throws.TypeOf<ContentException>().With.Message.Contains("limit"));
        });
    }

    private static ImageConfig Read(string json) => ImageConfigReader.Read(Encoding.UTF8.GetBytes(json));
}
