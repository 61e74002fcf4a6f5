using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Archives;
using Orca.Registry.Layers;
using Orca.Registry.Manifests;
using Orca.Tests.Fixtures;
using Orca.Tests.Registry.Layers;
using Orca.Tests.Registry.Layers.Compression;

namespace Orca.Tests.Fuzz;

/// <summary>Everything that reads foreign bytes, under mutated ones. See <see cref="FuzzTarget"/>.</summary>
[Category("Fuzz")]
public sealed class FuzzTests
{
    private static readonly string[] s_jsonWords =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "1.5", "1e999", "9223372036854775808", "\"\\ud800\"", "\"\\u0000\"", "\\udc00", "[[[[[[[[", "{\"a\":", "\ufeff",
        "\"config\":", "\"layers\":", "\"manifests\":", "\"mediaType\":", "\"artifactType\":", "\"schemaVersion\":2", "\"digest\":", "\"size\":0", "\"data\":\"\"", "\"urls\":[\"\"]",
        "\"platform\":{}", "\"annotations\":{}", "\"rootfs\":", "\"diff_ids\":[]", "\"Env\":[]", "\"Cmd\":[\"x\"]", "\"Entrypoint\":null", "\"User\":\"0\"", "sha256:", "sha512:", "..",
    ];

    private static readonly string[] s_compressionWords =
    [
        "\u00fd7zXZ\0", "YZ", "LZIP\u0001", "BZh1", "BZh9", "1AY&SY", "\u0017rE8P\u0090", "\u001f\u009d\u0090", "\u001f\u008b\u0008", "\0\0\0\0", "\u00e0", "\u00a0", "\u0001\0", "\u00ff\u00ff\u00ff\u00ff",
    ];

    private static readonly string[] s_nameWords = [".wh.", ".wh..wh.", ".wh..wh..opq", "/", "//", "..", "../", ".", "\0", "a", "b", "l", "c", "d", "\u00ff", "\n", ".wh..wh.plnk"];

    [Test]
    public void References_ReadBackAsTheyAreWritten() => new FuzzTarget(
        "references",
        FuzzTarget.Files("references"),
        ["docker.io/", "index.docker.io/", "library/", "localhost", "localhost:5000/", "[::1]", "@sha256:", "@sha512:", "/", "//", ":", "@", ".", "_", "__", "--", "A", "oci:", "http://", "..", "\u00e9", "\n", "0123456789abcdef"])
    { Rounds = 60_000 }.Run(static input =>
    {
        var text = Encoding.Latin1.GetString(input);
        RequireAgreement(text);
        _ = DigestPrefix.TryParse(text, out _);
        Attempt(() => Platform.Parse(text));
        Attempt(() => _ = ImageLocation.Parse(text).Shown);
        var reference = ImageReference.Parse(text);
        foreach (var again in new[] { ImageReference.Parse(reference.ToString()), ImageReference.Parse(reference.Familiar), reference.WithTag("x").WithDigest(TestImage.DigestOf([])) })
        {
            Assert.That((again.Registry, again.Repository), Is.EqualTo((reference.Registry, reference.Repository)), text);
        }

        Assert.That(ImageReference.Parse(reference.ToString()), Is.EqualTo(reference), text);
        Assert.That(ImageReference.Parse(reference.Familiar), Is.EqualTo(reference), text);
        Assert.That($"{reference}".AsSpan().ContainsAnyExceptInRange('!', '~'), Is.False, "only plain characters");
        return $"{reference.Registry == ImageReference.DefaultRegistry} {reference.Repository.Count('/')} {reference.Tag is null} {reference.Digest?.Algorithm} {reference.Familiar.Count('/')}";
    });

    [Test]
    public void Manifests_GiveAnImageOrAnIndexOrOneKindOfError() => new FuzzTarget("manifests", FuzzTarget.Files("manifests"), s_jsonWords) { Rounds = 30_000 }.Run(static input =>
    {
        Attempt(() => OciIndexReader.Read(input, "cannot load 'x'", DocumentLimits.Default));
        Attempt(() => DockerManifestReader.Read(input, "cannot load 'x'", DocumentLimits.Default));
        var document = ManifestReader.Read(input);
        Assert.That(document.Image is null, Is.Not.EqualTo(document.Index is null));
        List<Descriptor> descriptors = document.Image is { } image ? [image.Config, .. image.Layers] : [.. document.Index!];
        Assert.That(descriptors.Exists(static one => one.Size < 0 || Digest.Parse(one.Digest.ToString()) != one.Digest || one.MediaType.Contains('\0', StringComparison.Ordinal)), Is.False);
        return $"{document.Index is null} {Math.Min(4, descriptors.Count)}";
    });

    [Test]
    public void Configs_GiveAConfigOrOneKindOfError() => new FuzzTarget("configs", FuzzTarget.Files("configs"), s_jsonWords) { Rounds = 30_000 }.Run(static input =>
    {
        var config = ImageConfigReader.Read(input);
        List<string?> texts = [.. config.Env, .. config.Entrypoint ?? [], .. config.Cmd ?? [], config.User, config.WorkingDir, config.StopSignal];
        Assert.That(texts.Select(static text => text ?? ""), Has.None.Contains("\0"));

        // What 'orca save' writes of it must say the same.
        var digest = TestImage.DigestOf(input);
        var again = ImageConfigReader.Read(ConfigRewriter.Rewrite(input, digest, "cannot save 'x'"));
        Assert.That(again.DiffIds, Is.EqualTo(new[] { digest }));
        Assert.That((again.Env, again.Entrypoint, again.Cmd), Is.EqualTo((config.Env, config.Entrypoint, config.Cmd)).Using<IReadOnlyList<string>?>(Same));
        Assert.That((again.User, again.WorkingDir, again.StopSignal, again.Platform), Is.EqualTo((config.User, config.WorkingDir, config.StopSignal, config.Platform)));
        return $"{config.Env.Count > 0} {config.Cmd is null} {config.Entrypoint is null} {config.User is null} {Math.Min(2, config.DiffIds.Count)}";
    });

    [Test]
    public void Archives_AreReadToTheEndOrRefused() => new FuzzTarget("archives", TarCorpus.Archives, TarCorpus.Words) { Rounds = 20_000, Block = 512, Mend = TarCorpus.FixChecksums }.Run(static input =>
    {
        using var tar = new TarReader(new MemoryStream(input), new LayerBudget(LayerLimits.Default), 1);
        var (path, kinds) = (new LayerPath(), "");
        while (tar.Next())
        {
            path.Set(tar.Entry.Name);
            Assert.That(path.Bytes.IndexOf((byte)0), Is.Negative, "a NUL in a name");
            kinds = kinds.Length < 4 ? kinds + tar.Entry.Kind : kinds;
            while (!tar.ReadData().IsEmpty)
            {
            }
        }

        tar.Drain();
        return kinds;
    });

    [Test]
    public void CompressedBytes_AreUndoneOrRefused() => new FuzzTarget("compressed", PackedFile.Corpus(), s_compressionWords)
    {
        Rounds = 3_000,
        MaxAllocated = 512L << 20, // a dictionary of 64 MiB for each of a few members
        Mend = PackedFile.MendXz,
    }.Run(static input =>
    {
        using var stream = LayerDecompressor.Open(new MemoryStream(input), "layer x");
        var (buffer, length) = (new byte[16 * 1024], 0);
        while (length < 1 << 20 && stream.Read(buffer) is > 0 and var count)
        {
            length += count;
        }

        return $"{Math.Min(4, input.Length)} {(length == 0 ? 0 : int.Log2(length) / 4)}";
    });

    [Test]
    public void Layers_StayInsideTheirTree() => new FuzzTarget("layers", TarCorpus.Archives, TarCorpus.Words) { Rounds = 200, Block = 512, Mend = TarCorpus.FixChecksums }.Run(static input =>
    {
        using var bench = new LayerBench { Limits = new LayerLimits { MaxBytes = 1 << 24 } };
        return Shape(bench.Flatten(input));
    });

    [Test]
    public void Whiteouts_OnlyTakeAway() => new FuzzTarget("whiteouts", FuzzTarget.Files("whiteouts"), s_nameWords) { Rounds = 100 }.Run(static input =>
    {
        // Each line is the name of one entry; what names no whiteout is made one.
        var below = new TarBuilder().Dir("a").File("a/b", "1").Dir("a/c").File("a/c/d", "2").Link("l", "a").Link("out", "../../victim").Link("loop", "loop").Device('3', "a/null", 1, 3).File("b", "3").Build();
        var above = new TarBuilder();
        foreach (var line in Encoding.Latin1.GetString(input).Split('\n'))
        {
            var name = line[(line.TrimEnd('/').LastIndexOf('/') + 1)..];
            above.PaxRaw(TarBuilder.Record("path", TarBuilder.Bytes(name.StartsWith(".wh.", StringComparison.Ordinal) ? line : line[..^name.Length] + ".wh." + name))).File("x");
        }

        using var before = new LayerBench();
        before.Flatten(below);
        using var bench = new LayerBench();
        bench.Flatten(below, above.Build());
        Assert.That(bench.List().Except(before.List()), Is.Empty, "a whiteout made or changed something");
        return Shape(bench);
    });

    private static string Shape(LayerBench bench) => $"{string.Concat(bench.List().Values.Take(12).Select(static value => value[0]))} {bench.Owners.Length > 0}";

    private static bool Same(IReadOnlyList<string>? one, IReadOnlyList<string>? other) => one is null ? other is null : other is not null && one.SequenceEqual(other);

    /// <summary>The two ways to read a name must agree.</summary>
    private static void RequireAgreement(string text)
    {
        var isOne = ImageReference.TryParse(text, out _);
        try
        {
            ImageReference.Parse(text);
            Assert.That(isOne, Is.True, text);
        }
        catch (ReferenceException)
        {
            Assert.That(isOne, Is.False, text);
        }
    }

    /// <summary>Something else that reads the same bytes: it may refuse them, and nothing else.</summary>
    private static void Attempt(Action read)
    {
        try
        {
            read();
        }
        catch (OrcaException)
        {
            // What it says is the business of its own tests.
        }
    }
}
