using System.Text.RegularExpressions;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;
using Orca.Registry.Pulling;
using Orca.Tests.Fakes;
using Orca.Tests.Fixtures;
using Orca.Tests.Registry.Layers;

namespace Orca.Tests.Registry.Pulling;

/// <summary>Every layer that groups T, L, P and Z refuse, as the upper layer of an image that is pulled: one line says why and where, and nothing is left.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RefusedImageTests : IDisposable
{
    private static readonly ImageReference s_bad = ImageReference.Parse("example.com/bad:1");

    private readonly TestStore _store = new();

    private static IEnumerable<TestCaseData> Layers()
    {
        static TestCaseData Case(string name, byte[] archive, byte[] blob, string words) => new TestCaseData(archive, blob, words).SetName($"Pull_{name}");

        foreach (var data in TarRefusalTests.Cases())
        {
            var archive = (byte[])data.Arguments[0]!;
            foreach (var packing in data.TestName!.Contains("T11", StringComparison.Ordinal) ? Enum.GetValues<Packing>() : [Packing.Gzip])
            {
                yield return Case($"{data.TestName}_{packing}", archive, LayerBench.Pack(archive, packing), (string)data.Arguments[1]!);
            }
        }

        foreach (var (name, archive, words) in PathEscapeTests.Refused())
        {
            yield return Case(name, archive, LayerBench.Pack(archive, Packing.Gzip), words);
        }

        foreach (var data in CompressionTests.Bad())
        {
            yield return Case(data.TestName!, [], (byte[])data.Arguments[0]!, (string)data.Arguments[1]!);
        }
    }

    [TestCaseSource(nameof(Layers))]
    public async Task RefusedLayer_IsOneLine_AndLeavesNothing(byte[] archive, byte[] blob, string words)
    {
        var good = new TarBuilder().Dir("lower/").File("lower/file", "x").Build();
        var image = TestImage.OfBlobs([good, archive], [LayerBench.Pack(good, Packing.Gzip), blob]);
        var source = new FakeImageSource();
        source.Add(s_bad.ToString(), image);
        var (images, parts, _) = _store.Open();
        var error = (await Assert.CatchAsync<OrcaException>(() => new ImagePuller(source, images, parts, TimeProvider.System).PullAsync(s_bad, Platform.Current, null, CancellationToken.None)))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Message, Does.StartWith("cannot ").And.Matches($"{Regex.Escape(words)}|not a tar").And.Not.Contain("\n").And.Not.Contain("\u001b"));
            Assert.That(error.Message, Does.Contain("layer 2").Or.Contain(image.Content.Manifest.Layers[1].Digest.ToString()), "which layer");
            Assert.That(_store.Names("images").Concat(_store.Names("refs")).Concat(Directory.GetFileSystemEntries(Path.Combine(_store.Root, "staging"))), Is.Empty);
            Assert.That(_store.Names("parts"), Has.None.Contains(image.Content.Manifest.Layers[1].Digest.Hex), "the bytes are wrong however often they are read");
        }
    }

    public void Dispose() => _store.Dispose();
}
