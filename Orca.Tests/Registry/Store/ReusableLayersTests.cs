using NUnit.Framework;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>What a store knows of the layers that an image is made of.</summary>
[TestFixture]
public sealed class ReusableLayersTests
{
    private static readonly byte[] s_one = new TarBuilder().File("one").Build();
    private static readonly byte[] s_two = new TarBuilder().File("two").Build();
    private static readonly byte[] s_three = new TarBuilder().File("three").Build();

    [Test]
    public void OneLook_AnswersForAllLayers_AndWhatIsGoneByThenIsNotTaken()
    {
        using var store = new TestStore();
        var image = store.Add(TestImage.Of(s_one, s_two), "first");
        var donors = Donors(store);
        Assert.That(donors.Has(TestImage.DigestOf(s_one)), Is.True);
        store.Open().Images.Remove(image.References[0], force: false);
        Assert.That((donors.Has(TestImage.DigestOf(s_two)), donors.Has(TestImage.DigestOf(s_three))), Is.EqualTo((true, false)));
        Assert.That(donors.Find(TestImage.DigestOf(s_two)), Is.Empty);
        Assert.That(store.Names("locks"), Is.Empty, "and no lock is left of it");
    }

    [Test]
    public void ImagesThatHideNothingOfALayer_GoFirst()
    {
        using var store = new TestStore();
        foreach (var text in (string[])["a", "b", "c"])
        {
            store.Add(TestImage.Of(s_one, new TarBuilder().File("one", text).Build()), text); // hides the file, and puts it aside
        }

        store.Add(TestImage.Of(s_one), "whole");
        using var first = Donors(store).Find(TestImage.DigestOf(s_one)).First();
        using var layer = first.TryOpen(1);
        Assert.That(layer!.Next(), Is.True);
        Assert.That(layer.State, Is.EqualTo(Orca.Registry.Layers.Reuse.FileState.InTree));
    }

    [Test]
    public void LayerThatIsGivenUp_IsNotThere()
    {
        using var store = new TestStore();
        store.Add(TestImage.Of(s_one, s_two), "first");
        var donors = Donors(store);
        Assert.That((donors.MarkUnavailable(TestImage.DigestOf(s_one)), donors.MarkUnavailable(TestImage.DigestOf(s_one)), donors.MarkUnavailable(TestImage.DigestOf(s_three))), Is.EqualTo((true, false, false)));
        Assert.That((donors.Has(TestImage.DigestOf(s_one)), donors.Has(TestImage.DigestOf(s_two))), Is.EqualTo((false, true)));
    }

    private static ReusableLayers Donors(TestStore store)
    {
        var root = store.OpenRoot();
        return new ReusableLayers(root, new ImageReader(root, static _ => []), [TestImage.DigestOf(s_one), TestImage.DigestOf(s_two), TestImage.DigestOf(s_three)]);
    }
}
