using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.References;
using Orca.Registry.Remote.Hosts;

namespace Orca.Tests.Registry.Remote;

/// <summary>What names without a registry mean by registries.conf.</summary>
[TestFixture]
public sealed class ShortNamesTests
{
    private const string Pinned = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private const string Search = """
        unqualified-search-registries = ["a.test", "localhost:5000", "docker.io"]
        [aliases]
        "fedora" = "registry.test/fedora/base"
        "team/app" = "apps.test/app"
        "gone" = ""
        """;

    [TestCase("alpine", "a.test/alpine:latest localhost:5000/alpine:latest docker.io/library/alpine:latest")]
    [TestCase("alpine:3", "a.test/alpine:3 localhost:5000/alpine:3 docker.io/library/alpine:3")]
    [TestCase("alpine" + Pinned, "a.test/alpine" + Pinned + " localhost:5000/alpine" + Pinned + " docker.io/library/alpine" + Pinned)]
    [TestCase("library/alpine", "a.test/library/alpine:latest localhost:5000/library/alpine:latest docker.io/library/alpine:latest")]
    [TestCase("me/tool:1", "a.test/me/tool:1 localhost:5000/me/tool:1 docker.io/me/tool:1")]
    [TestCase("fedora:41", "registry.test/fedora/base:41")]
    [TestCase("team/app", "apps.test/app:latest")]
    [TestCase("gone", "a.test/gone:latest localhost:5000/gone:latest docker.io/library/gone:latest")]
    [TestCase("docker.io/library/alpine", "docker.io/library/alpine:latest")]
    [TestCase("docker.io/fedora", "docker.io/library/fedora:latest")]
    [TestCase("b.test/alpine", "b.test/alpine:latest")]
    public void Sources_OfAName_AreTheSearchedRegistriesInOrder(string name, string expected) =>
        Assert.That(string.Join(' ', Names(Search).Sources(ImageReference.Parse(name))), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("unqualified-search-registries = []")]
    [TestCase("[aliases]\nalpine = 'elsewhere.test/alpine'")]
    public void Name_WhereNoSearchIsSet_IsDockers(string conf) =>
        Assert.That(Names(conf).Meanings(ImageReference.Parse("alpine")).Select(name => name.ToString()), Is.EqualTo(["docker.io/library/alpine:latest"]));

    [Test]
    public void Settings_WhereNothingMaySetASearch_AreNotRead()
    {
        var names = new ShortNames(new Lazy<RegistriesPolicy>(static () => throw new InvalidOperationException("read")), static () => false);
        Assert.That(names.Meanings(ImageReference.Parse("alpine")), Has.Count.EqualTo(1));
        var set = new ShortNames(new Lazy<RegistriesPolicy>(static () => throw new InvalidOperationException("read")), static () => throw new InvalidOperationException("asked"));
        Assert.That(set.Meanings(ImageReference.Parse("a.test/alpine")), Has.Count.EqualTo(1), "a whole name asks for nothing");
    }

    [Test]
    public void Meanings_InTheStore_EndWithDockers()
    {
        var names = Names("unqualified-search-registries = ['a.test']");
        Assert.That(names.Meanings(ImageReference.Parse("x:1")).Select(name => name.ToString()), Is.EqualTo(["a.test/x:1", "docker.io/library/x:1"]));
        Assert.That(names.Sources(ImageReference.Parse("x:1")).Select(name => name.ToString()), Is.EqualTo(["a.test/x:1"]), "what is loaded by a short name is not pulled from there");
    }

    [Test]
    public void Enforcing_WithSeveralRegistries_RefusesToChoose()
    {
        var names = Names("short-name-mode = 'enforcing'\n" + Search);
        var error = Assert.Throws<RegistryException>(() => names.Sources(ImageReference.Parse("x")));
        Assert.That(error!.Message, Does.StartWith("cannot pull 'x:latest': ").And.Contain("'short-name-mode' is 'enforcing'"));
        Assert.That(error.Hint, Does.Contain("'a.test/x:latest'"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names.Meanings(ImageReference.Parse("x")), Has.Count.EqualTo(3), "what is in the store needs no choice");
            Assert.That(names.Sources(ImageReference.Parse("fedora")), Has.Count.EqualTo(1), "an alias is one");
            Assert.That(Names("short-name-mode = 'enforcing'\nunqualified-search-registries = ['a.test']").Sources(ImageReference.Parse("x")), Has.Count.EqualTo(1));
            Assert.That(Names("short-name-mode = 'permissive'\n" + Search).Sources(ImageReference.Parse("x")), Has.Count.EqualTo(3));
        }
    }

    [Test]
    public void LaterFile_TakesAnAliasBackAndSetsAnotherSearch()
    {
        var names = new ShortNames(
            new Lazy<RegistriesPolicy>(static () => new RegistriesPolicy(
                RegistriesReader.Read(Search, "1"), RegistriesReader.Read("unqualified-search-registries = ['c.test']\n[aliases]\nfedora = ''", "2"))),
            static () => true);
        Assert.That(names.Sources(ImageReference.Parse("fedora")).Select(name => name.ToString()), Is.EqualTo(["c.test/fedora:latest"]));
    }

    [TestCase("unqualified-search-registries = ['word']", "'word' in 'unqualified-search-registries' is no registry")]
    [TestCase("unqualified-search-registries = ['a.test/path']", "'a.test/path' in")]
    [TestCase("unqualified-search-registries = ['https://a.test']", "is no registry")]
    [TestCase("unqualified-search-registries = ['a.test:99999']", "is no registry")]
    [TestCase("[aliases]\nx = 'word'", "the alias 'x' is 'word'")]
    [TestCase("[aliases]\nx = 'a.test/x:1'", "without tag and digest")]
    [TestCase("[aliases]\nx = 'a.test/../x'", "no repository")]
    [TestCase("short-name-mode = 'maybe'", "none of enforcing, permissive, disabled")]
    [TestCase("aliases = 3", "'aliases' is no table")]
    public void File_ThatSaysNonsense_IsAnError(string conf, string cause) =>
        Assert.That(() => RegistriesReader.Read(conf, "registries.conf"), Throws.TypeOf<RegistryException>().With.Message.Contains(cause));

    [TestCase("unqualified-search-registries=['x']", true)]
    [TestCase("# note\n  unqualified-search-registries = ['x']", true)]
    [TestCase("# unqualified-search-registries = ['x']\n", false)]
    [TestCase("# unqualified-search-registries = ['x']\nunqualified-search-registries = []", true)]
    [TestCase("# # unqualified-search-registries\n#unqualified-search-registries", false)]
    [TestCase("", false)]
    public void Files_ThatMaySetTheSearch_AreFoundWithoutReadingThem(string conf, bool may)
    {
        var root = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Directory.CreateDirectory($"{root}/etc/containers/registries.conf.d");
            File.WriteAllText($"{root}/etc/containers/registries.conf.d/x.conf", conf);
            Assert.That(RegistriesFiles.MaySet(ShortNames.Key, static _ => null, root), Is.EqualTo(may));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static ShortNames Names(string conf) => new(new Lazy<RegistriesPolicy>(() => new RegistriesPolicy(RegistriesReader.Read(conf, "registries.conf"))), static () => true);
}
