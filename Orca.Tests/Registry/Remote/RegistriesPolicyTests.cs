using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;
using Orca.Registry.Remote.Hosts;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class RegistriesPolicyTests
{
    private const string Pinned = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private const string Rules = """
        [[registry]]
        prefix = "docker.io"
        [[registry.mirror]]
        location = "mirror.test:5000/hub"
        insecure = true
        [[registry.mirror]]
        location = "digests.test"
        pull-from-mirror = "digest-only"
        [[registry.mirror]]
        location = "tags.test"
        pull-from-mirror = "tag-only"

        [[registry]]
        prefix = "docker.io/library/special"
        location = "localhost:5000/special"

        [[registry]]
        location = "plain.test"
        insecure = true

        [[registry]]
        prefix = "*.corp.test"
        mirror-by-digest-only = true
        mirror = [{ location = "near.test/corp" }]

        [[registry]]
        location = "evil.test"
        blocked = true

        [[registry]]
        prefix = "odd.test"
        location = "justaword"
        """;

    [TestCase("alpine", "mirror.test:5000/hub/library/alpine:latest! tags.test/library/alpine:latest docker.io/library/alpine:latest")]
    [TestCase("alpine" + Pinned, "mirror.test:5000/hub/library/alpine" + Pinned + "! digests.test/library/alpine" + Pinned + " docker.io/library/alpine" + Pinned)]
    [TestCase("special:1", "localhost:5000/special:1")]
    [TestCase("special/below:1", "mirror.test:5000/hub/special/below:1! tags.test/special/below:1 docker.io/special/below:1")]
    [TestCase("docker.io/library/special/below:1", "localhost:5000/special/below:1")]
    [TestCase("docker.io/library/specials:1", "mirror.test:5000/hub/library/specials:1! tags.test/library/specials:1 docker.io/library/specials:1")]
    [TestCase("plain.test/x", "plain.test/x:latest!")]
    [TestCase("plain.test:80/x", "plain.test:80/x:latest")]
    [TestCase("a.corp.test/x", "a.corp.test/x:latest")]
    [TestCase("a.corp.test/x" + Pinned, "near.test/corp/x" + Pinned + " a.corp.test/x" + Pinned)]
    [TestCase("corp.test/x", "corp.test/x:latest")]
    [TestCase("other.test/x", "other.test/x:latest")]
    public void Places_OfAName_AreMirrorsThenTheRegistry(string name, string expected)
    {
        var places = Policy(Rules).Places(ImageReference.Parse(name), "cannot pull 'x'");
        Assert.That(string.Join(' ', places.Select(place => place.Reference + (place.IsInsecure ? "!" : ""))), Is.EqualTo(expected));
        Assert.That(places.Select(place => place.IsMirror), Is.EqualTo([.. Enumerable.Repeat(true, places.Count - 1), false]));
    }

    [TestCase("evil.test/x", "cannot pull 'x': 'evil.test' is blocked by 'registries.conf'")]
    [TestCase("odd.test/x", "cannot pull 'x': the location 'justaword' of 'registries.conf' is no registry")]
    public void Places_OfABlockedOrBrokenRule_AreAnError(string name, string message)
    {
        var error = Assert.Throws<RegistryException>(() => Policy(Rules).Places(ImageReference.Parse(name), "cannot pull 'x'"));
        Assert.That(error!.Message, Is.EqualTo(message));
    }

    [Test]
    public void Policy_OfManyFiles_TheLaterRuleForAPrefixCounts()
    {
        var policy = new RegistriesPolicy(
            RegistriesReader.Read("unqualified-search-registries = ['a.test']\n[[registry]]\nlocation = 'x.test'\nblocked = true", "1"),
            RegistriesReader.Read("[[registry]]\nlocation = 'x.test'\ninsecure = true", "2"),
            RegistriesReader.Read("unqualified-search-registries = ['b.test']", "3"));
        Assert.That(policy.Places(ImageReference.Parse("x.test/y"), "").Single().IsInsecure, Is.True);
        Assert.That(policy.Search, Is.EqualTo(["b.test"]));
    }

    private static RegistriesPolicy Policy(string text) => new(RegistriesReader.Read(text, "registries.conf"));
}
