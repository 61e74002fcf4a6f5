using NUnit.Framework;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Tests.Registry.Manifests;

[TestFixture]
public sealed class PlatformChooserTests
{
    [TestCase("linux/amd64", "linux/arm64/v8 linux/amd64 windows/amd64", "linux/amd64")]
    [TestCase("linux/amd64", "windows/amd64 linux/amd64/v1", "linux/amd64/v1")]
    [TestCase("linux/amd64", "linux/amd64/v3 linux/amd64", "linux/amd64")]
    [TestCase("linux/amd64/v1", "linux/amd64/v3", null)]
    [TestCase("linux/amd64/v3", "linux/amd64 linux/amd64/v2 linux/amd64/v4", "linux/amd64/v2")]
    [TestCase("linux/amd64", "linux/386 linux/arm64", null)]
    [TestCase("linux/arm64/v8", "linux/arm/v7 linux/arm64", "linux/arm64")]
    [TestCase("linux/arm64", "linux/arm64/v8", "linux/arm64/v8")]
    [TestCase("linux/arm64/v8", "linux/arm64/v9", null)]
    [TestCase("linux/arm/v7", "linux/arm/v5 linux/arm/v6 linux/arm/v7", "linux/arm/v7")]
    [TestCase("linux/arm/v7", "linux/arm/v5 linux/arm/v6", "linux/arm/v6")]
    [TestCase("linux/arm/v7", "linux/arm", "linux/arm")]
    [TestCase("linux/arm/v6", "linux/arm/v7 linux/arm/v5", "linux/arm/v5")]
    [TestCase("linux/arm/v6", "linux/arm/v7", null)]
    [TestCase("linux/riscv64", "linux/riscv64", "linux/riscv64")]
    [TestCase("linux/amd64", "unknown/unknown", null)]
    [TestCase("linux/amd64", "", null)]
    public void Choose_OfAnIndex_TakesTheBest(string asked, string offered, string? chosen)
    {
        var index = offered.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => Entry(Parse(p))).ToList();
        Assert.That(PlatformChooser.Choose(index, Parse(asked))?.Platform?.ToString(), Is.EqualTo(chosen));
    }

    [TestCase("linux/amd64", "linux/386", "linux/386 linux/arm64", "linux/386")]
    [TestCase("linux/amd64", "linux/386", "linux/386 linux/amd64", "linux/amd64")]
    [TestCase("linux/arm64/v8", "linux/arm/v8", "linux/arm/v6 linux/arm/v7", "linux/arm/v7")]
    [TestCase("linux/arm64/v8", "linux/arm/v8", "linux/amd64", null)]
    public void D20_Choose_WhatElseRuns_ComesAfterTheMachinesOwn(string asked, string also, string offered, string? chosen)
    {
        var index = offered.Split(' ').Select(p => Entry(Parse(p))).ToList();
        Assert.That(PlatformChooser.Choose(index, Parse(asked), [Parse(also)])?.Platform?.ToString(), Is.EqualTo(chosen));
    }

    [Test]
    public void Choose_OfTwoEqual_TakesTheFirst()
    {
        var index = new[] { Entry(Parse("linux/amd64"), 1), Entry(Parse("linux/amd64"), 2) };
        Assert.That(PlatformChooser.Choose(index, Parse("linux/amd64"))!.Size, Is.EqualTo(1));
    }

    [Test]
    public void Choose_EntryWithoutPlatform_IsTheLastResort()
    {
        var any = Entry(null, 1);
        Assert.Multiple(() =>
        {
            Assert.That(PlatformChooser.Choose([any, Entry(Parse("linux/amd64"), 2)], Parse("linux/amd64"))!.Size, Is.EqualTo(2));
            Assert.That(PlatformChooser.Choose([any, Entry(Parse("linux/arm64"), 2)], Parse("linux/amd64"))!.Size, Is.EqualTo(1));
        });
    }

    [Test]
    public void Describe_LeavesAttestationsOut() =>
        Assert.That(PlatformChooser.Missing([Entry(Parse("linux/arm64/v8")), Entry(Parse("unknown/unknown")), Entry(Parse("windows/amd64"))], Parse("linux/amd64")), Is.EqualTo("there is no image for linux/amd64, only for linux/arm64/v8, windows/amd64"));

    [Test]
    public void EntryThatIsNoManifest_IsPassedOver_AndNamedWhenThereIsNoOther()
    {
        var thing = Entry(Parse("linux/amd64"), 1) with { MediaType = "application/vnd.acme.thing+json" };
        var nowhere = thing with { Platform = null };
        var artifact = thing with { MediaType = MediaTypes.OciManifest, ArtifactType = "application/vnd.amazon.soci.index.v2+json" };
        Assert.That(PlatformChooser.Choose([artifact, Entry(Parse("linux/amd64"), 2)], Parse("linux/amd64"))!.Size, Is.EqualTo(2));
        Assert.That(PlatformChooser.Choose([thing, Entry(Parse("linux/amd64"), 2)], Parse("linux/amd64"))!.Size, Is.EqualTo(2));
        Assert.That(PlatformChooser.Choose([thing, nowhere], Parse("linux/amd64")), Is.Null);
        Assert.That(PlatformChooser.Missing([thing, nowhere], Parse("linux/amd64")), Is.EqualTo("not a container image: type 'application/vnd.acme.thing+json'"));
        Assert.That(PlatformChooser.Missing([thing, Entry(Parse("linux/mips"))], Parse("linux/amd64")), Is.EqualTo("there is no image for linux/amd64, only for linux/mips"));
        Assert.That(PlatformChooser.Choose([thing with { MediaType = "" }], Parse("linux/amd64")), Is.Not.Null, "says nothing");
    }

    [TestCase("", "v1")]
    [TestCase("fpu cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx", "v1 v2")]
    [TestCase("cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 abm avx avx2 bmi1 bmi2 f16c fma movbe", "v1 v2 v3")]
    [TestCase("cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 abm avx avx2 bmi1 bmi2 f16c fma movbe avx512f avx512bw avx512cd avx512dq avx512vl", "v1 v2 v3 v4")]
    [TestCase("avx512f avx512bw avx512cd avx512dq avx512vl", "v1")]
    public void D20_Processor_RunsWhatItsFlagsAllow(string flags, string levels) =>
        Assert.That(new[] { "v1", "v2", "v3", "v4", "v5" }.Where(level => ProcessorLevel.Runs(level, flags.Split(' ').ToHashSet())), Is.EqualTo(levels.Split(' ')));

    private static Platform Parse(string text)
    {
        var parts = text.Split('/');
        return new Platform(parts[0], parts[1], parts.Length > 2 ? parts[2] : null);
    }

    private static Descriptor Entry(Platform? platform, long size = 0) =>
        new() { MediaType = MediaTypes.OciManifest, Digest = Digest.OfSha256(new byte[32]), Size = size, Platform = platform };
}
