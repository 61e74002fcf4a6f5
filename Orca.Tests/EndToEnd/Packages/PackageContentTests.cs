using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd.Packages;

/// <summary>What is in the packages.</summary>
[Category("EndToEnd")]
public sealed class PackageContentTests
{
    private static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
    private static readonly string[] s_names = ["Orca.Core", "Orca.Registry", "Orca.Sandbox", "Orca.Testing", "Orca.Testing.NUnit", "Orca.Testing.Xunit"];

    [TestCaseSource(nameof(s_names))]
    public void Package_HasAReadme_AndTheExactVersionsOfItsNeighbours(string name)
    {
        using var package = Open(name);
        Assert.That(Text(package, "README.md"), Does.StartWith($"# {name}\n\n```csharp\n"), "it begins with the first lines");
        var specification = XDocument.Parse(Text(package, name + ".nuspec")).Root!;
        var own = specification.Descendants().Where(static one => one.Name.LocalName == "dependency" && one.Attribute("id")!.Value.StartsWith("Orca.", StringComparison.Ordinal)).ToList();
        Assert.That(own.Select(static one => one.Attribute("version")!.Value), Is.All.EqualTo("[0.1.0]"));
        Assert.That(own, name == "Orca.Core" ? Is.Empty : Is.Not.Empty);
        Assert.That(specification.Descendants().Single(static one => one.Name.LocalName == "repository").Attribute("url")!.Value, Is.EqualTo(Feed.Repository));
    }

    [TestCaseSource(nameof(s_names))]
    public void Assembly_HasItsSymbolsSourcesAndDocumentation(string name)
    {
        using var package = Open(name);
        var library = Bytes(package, $"lib/net10.0/{name}.dll");
        var documented = XDocument.Parse(Text(package, $"lib/net10.0/{name}.xml")).Descendants("member").Select(static member => member.Attribute("name")!.Value).Where(static one => one[0] == 'T').ToList();
        Assert.That(documented, Is.EquivalentTo(System.Reflection.Assembly.Load(name).GetExportedTypes().Select(static type => "T:" + type.FullName!.Replace('+', '.'))), "no more and no less than what can be seen");
        using var reader = new PEReader(new MemoryStream(library));
        var embedded = reader.ReadDebugDirectory().Single(static entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using var provider = reader.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
        var symbols = provider.GetMetadataReader();
        var notes = symbols.CustomDebugInformation.Select(symbols.GetCustomDebugInformation).ToList();
        var link = notes.Single(one => symbols.GetGuid(one.Kind) == s_sourceLink);
        Assert.That(Encoding.UTF8.GetString(symbols.GetBlobBytes(link.Value)), Does.Match($"\"/_/\\*\":\"{Feed.Repository}/raw/[0-9a-f]{{40}}/\\*\""));
        var sources = notes.Count(one => symbols.GetGuid(one.Kind) == s_embeddedSource);
        Assert.That(sources, Is.EqualTo(symbols.Documents.Count), "a debugger needs no server for any of them");
        Assert.That(symbols.Documents.Select(handle => symbols.GetString(symbols.GetDocument(handle).Name)), Is.All.StartsWith("/_/"));
    }

    [Test]
    public void Sandbox_HasNativeCodeForBothProcessors()
    {
        using var package = Open("Orca.Sandbox");
        Assert.That(package.Entries.Select(static entry => entry.FullName), Is.SupersetOf(
        [
            "runtimes/linux-x64/native/liborca_child.so", "runtimes/linux-arm64/native/liborca_child.so",
            "buildTransitive/linux-x64/liborca_child.a", "buildTransitive/linux-arm64/liborca_child.a", "buildTransitive/Orca.Sandbox.targets",
        ]));
        const int machine = 18; // e_machine of an ELF header
        Assert.That(Bytes(package, "runtimes/linux-x64/native/liborca_child.so")[machine], Is.EqualTo(62));
        Assert.That(Bytes(package, "runtimes/linux-arm64/native/liborca_child.so")[machine], Is.EqualTo(183));
    }

    private static ZipArchive Open(string name) => ZipFile.OpenRead(Path.Combine(Feed.Directory, name + ".0.1.0.nupkg"));

    private static string Text(ZipArchive package, string name) => Encoding.UTF8.GetString(Bytes(package, name)).TrimStart('\uFEFF').Replace("\r", string.Empty, StringComparison.Ordinal);

    private static byte[] Bytes(ZipArchive package, string name)
    {
        using var stream = package.GetEntry(name)!.Open();
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
