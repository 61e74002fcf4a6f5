using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

[TestFixture]
internal sealed class SpaceCheckTests
{
    [TestCase(0L, 1000L, false)]
    [TestCase(1L << 60, 1000L, true)]
    [TestCase(long.MaxValue, long.MaxValue, true)]
    public void Require_RefusesOnlyWhatCannotFit(long first, long second, bool refused)
    {
        using var store = new TestStore();
        var layers = new[] { Layer('a', first), Layer('b', second), Layer('b', second) };
        void Check() => SpaceCheck.Require(store.OpenRoot().Open(), layers);
        Assert.That(Check, refused ? Throws.TypeOf<StoreException>().With.Message.Contains("are free") : Throws.Nothing);
    }

    private static Descriptor Layer(char digit, long size) =>
        new() { MediaType = MediaTypes.OciLayer, Digest = Digest.Parse("sha256:" + new string(digit, 64)), Size = size };
}
