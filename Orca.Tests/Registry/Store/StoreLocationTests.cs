using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Store;

namespace Orca.Tests.Registry.Store;

[TestFixture]
internal sealed class StoreLocationTests
{
    [TestCase("/r", "/o", "/x", "/h", "/r")]
    [TestCase(null, "/o", "/x", "/h", "/o")]
    [TestCase("", "/o/", "/x", "/h", "/o")]
    [TestCase(null, null, "/x", "/h", "/x/orca")]
    [TestCase(null, "", "", "/h", "/h/.local/share/orca")]
    [TestCase(null, null, "relative", "/h", "/h/.local/share/orca")]
    [TestCase(null, null, null, "relative", "/passwd/.local/share/orca")]
    [TestCase(null, null, null, null, "/passwd/.local/share/orca")]
    [TestCase("//a/./b//c/../d/", null, null, null, "/a/b/c/../d")]
    public void Resolve_TakesTheFirstThatSaysAPlace(string? root, string? orcaRoot, string? dataHome, string? home, string expected)
    {
        var location = StoreLocation.Resolve(root, name => name switch { "ORCA_ROOT" => orcaRoot, "XDG_DATA_HOME" => dataHome, "HOME" => home, _ => null }, () => "/passwd");
        Assert.That(location.Path, Is.EqualTo(expected));
    }

    [Test]
    public void Resolve_RelativeRoot_CountsFromTheCurrentDirectory() =>
        Assert.That(StoreLocation.Resolve("a/b", _ => null, () => null).Path, Is.EqualTo(Environment.CurrentDirectory.TrimEnd('/') + "/a/b"));

    [Test]
    public void Resolve_NoHomeAtAll_SaysWhatToType() =>
        Assert.That(() => StoreLocation.Resolve(null, _ => null, () => null), Throws.TypeOf<StoreException>().With.Property("Hint").Contains("ORCA_ROOT"));
}
