using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Registry.Remote.Hosts;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class RegistriesReaderTests
{
    private const string Whole = """
        # a comment
        unqualified-search-registries = [
          "quay.io", # one
          'docker.io',
        ]
        short-name-mode = "enforcing"
        credential-helpers = ["containers-auth.json"]

        [aliases]
        "alpine" = "docker.io/library/alpine"

        [[registry]]
        prefix = "docker.io"
        location = "docker.io"
        blocked = false

          [[registry.mirror]]
          location = "mirror.test:5000/hub/"
          insecure = true

          [[registry.mirror]]
          location = "second.test"
          pull-from-mirror = "digest-only"

        [[registry]]
        location = "inner.test"
        insecure = true
        mirror-by-digest-only = true
        mirror = [{ location = "x.test", pull-from-mirror = 'tag-only' }]

        [[registry]]
        prefix = "*.evil.test"
        blocked = true
        """;

    [Test]
    public void Read_AWholeFile_GivesRulesAndSearch()
    {
        var file = RegistriesReader.Read(Whole, "registries.conf");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(file.Search, Is.EqualTo(["quay.io", "docker.io"]));
            Assert.That(file.Rules.Select(rule => (rule.Prefix, rule.Location, rule.IsInsecure, rule.IsBlocked, rule.MirrorsByDigestOnly)), Is.EqualTo(new[]
            {
                ("docker.io", "docker.io", false, false, false), ("inner.test", "inner.test", true, false, true), ("*.evil.test", null, false, true, false),
            }));
            Assert.That(file.Rules[0].Mirrors, Is.EqualTo([new MirrorRule("mirror.test:5000/hub", true, MirrorUse.All), new MirrorRule("second.test", false, MirrorUse.DigestOnly)]));
            Assert.That(file.Rules[1].Mirrors, Is.EqualTo([new MirrorRule("x.test", false, MirrorUse.TagOnly)]));
        }
    }

    [TestCase("")]
    [TestCase("# nothing\n\n")]
    [TestCase("\uFEFFunqualified-search-registries = []")]
    [TestCase("a.b.\"c d\" = 1\n[x]\ny = 2026-01-01T00:00:00Z\n[x.z]\nf = -1.5e3\n[[t]]\n[t.u]\n")]
    [TestCase("s = \"\"\"\nlong \\\n   text \"quoted\" \\u00e9\"\"\"\nt = '''raw \\ text'''\nu = { a = 1, b = [1, [2]] }\r\n")]
    public void Read_OtherToml_IsNoRule(string text) => Assert.That(RegistriesReader.Read(text, "f").Rules, Is.Empty);

    [TestCase("[[registry]]\n", "neither 'prefix' nor 'location'")]
    [TestCase("[registries.search]\nregistries = ['x']\n", "version 1")]
    [TestCase("[registry]\nlocation = 'x'\n", "write '[[registry]]'")]
    [TestCase("[[registry]]\nlocation = 'https://x'\n", "has a scheme")]
    [TestCase("[[registry]]\nlocation = 7\n", "'location' is not text")]
    [TestCase("[[registry]]\nlocation = 'x'\ninsecure = 'yes'\n", "'insecure' is neither true nor false")]
    [TestCase("[[registry]]\nprefix = 'a.*.test'\n", "elsewhere than at its start")]
    [TestCase("[[registry]]\nprefix = '*.a/b'\n", "not '*.' and a domain")]
    [TestCase("[[registry]]\nlocation = 'x'\n[[registry.mirror]]\ninsecure = true\n", "has no 'location'")]
    [TestCase("[[registry]]\nlocation = 'x'\n[[registry.mirror]]\nlocation = 'y'\npull-from-mirror = 'never'\n", "none of all, digest-only, tag-only")]
    [TestCase("unqualified-search-registries = 'x'\n", "is not a list of texts")]
    [TestCase("a = 1\na = 2\n", "line 2: 'a' is there already")]
    [TestCase("[a]\n[a]\n", "line 2: 'a' is there already")]
    [TestCase("\n\na = b\n", "line 3: 'b' is no value")]
    [TestCase("a = \"x\n", "line 1: the text does not end")]
    [TestCase("a = \"\\q\"", "unknown escape")]
    [TestCase("a = [1", "does not end with ']'")]
    [TestCase("a = { b = 1", "does not end with '}'")]
    [TestCase("a = 1 b = 2", "something stands behind the value")]
    [TestCase("a", "no '='")]
    [TestCase("= 1", "no key")]
    [TestCase("[a", "does not end with ']'")]
    [TestCase("a = 1\n[a.b]\n", "'a' is no table")]
    [TestCase("a = \"\\u{0}\"", "no character")]
    public void Read_WhatIsWrong_IsSaidWithTheFile(string text, string cause)
    {
        var error = Assert.Throws<RegistryException>(() => RegistriesReader.Read(text, "/etc/containers/registries.conf"));
        Assert.That(error!.Message, Does.StartWith("cannot read '/etc/containers/registries.conf': ").And.Contain(cause));
    }

    [Test]
    public void Read_DeepNesting_IsRefused() =>
        Assert.That(() => RegistriesReader.Read("a = " + new string('[', 100_000), "f"), Throws.TypeOf<RegistryException>().With.Message.Contains("too deep"));

    [Test]
    public void Read_AnyMutation_GivesAFileOrARegistryException()
    {
        var random = new Random(17);
        for (var round = 0; round < 20_000; round++)
        {
            var text = Whole.ToCharArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                text[random.Next(text.Length)] = "[]{}\"'=.,\n\\#ax1 "[random.Next(16)];
            }

            try
            {
                _ = RegistriesReader.Read(new string(text, 0, random.Next(text.Length)), "f");
            }
            catch (RegistryException)
            {
                // What is wrong is said.
            }
        }
    }

    [Test]
    public void Files_TheUsersComeBeforeTheSystems_AndDropInsAfterBoth()
    {
        var root = Directory.CreateTempSubdirectory("orca-registries").FullName;
        try
        {
            string Write(string path, string text)
            {
                var file = root + path;
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllText(file, text);
                return file;
            }

            var variables = new Dictionary<string, string> { ["HOME"] = root + "/home" };
            var system = Write("/etc/containers/registries.conf", "");
            Assert.That(RegistriesFiles.Files(variables.GetValueOrDefault, root, note: null).Select(file => file.Path), Is.EqualTo([system]));
            var user = Write("/home/.config/containers/registries.conf", "");
            var second = Write("/etc/containers/registries.conf.d/20.conf", "");
            var first = Write("/etc/containers/registries.conf.d/10.conf", "");
            Write("/etc/containers/registries.conf.d/ignored.txt", "");
            var last = Write("/home/.config/containers/registries.conf.d/00.conf", "");
            Assert.That(RegistriesFiles.Files(variables.GetValueOrDefault, root, note: null).Select(file => file.Path), Is.EqualTo([user, first, second, last]));
            variables["CONTAINERS_REGISTRIES_CONF"] = root + "/none";
            Assert.That(() => RegistriesFiles.Read(variables.GetValueOrDefault, root), Throws.TypeOf<RegistryException>().With.Message.Contains("/none': ENOENT"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
