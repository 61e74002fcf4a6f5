using System.Diagnostics;
using NUnit.Framework;
using Orca.Core.References;
using Orca.Registry.Archives;

namespace Orca.Tests.Registry.Archives;

/// <summary>What is proposed instead of a location can be typed, and loses nothing.</summary>
public sealed class LocationHintsTests
{
    private string _directory = "";

    [SetUp]
    public void Make() => _directory = Directory.CreateTempSubdirectory("orca").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_directory, recursive: true);

    /// <summary>Followed in a shell: the result is there, and so are the archive and what had that name.</summary>
    [TestCase("x.tar.gz", "x.tar")]
    [TestCase("it's x.gz", "it's x")]
    [TestCase("nameless", "nameless.unpacked")]
    public void Unpack_MakesAnotherFile_AndOverwritesNone(string name, string result)
    {
        var path = Path.Combine(_directory, name);
        foreach (var expected in (string[])[Path.Combine(_directory, result), path + ".unpacked1"])
        {
            Shell("gzip -c > \"$0\"", path, "content");
            Shell(LocationHints.Unpack("gzip", ImageLocation.OfPath(path)).Split(": ", 2)[1]);
            Assert.That(File.ReadAllText(expected), Is.EqualTo("content"));
            Assert.That(File.Exists(path));
        }
    }

    [TestCase("docker-archive:x.tar", "it is a directory; without the prefix its content decides what it is: ./x.tar")]
    [TestCase("oci:/a b", "it is a directory; without the prefix its content decides what it is: '/a b'")]
    [TestCase("oci:./x", "it is a directory; without the prefix its content decides what it is: ./x")]
    public void WithoutPrefix_IsAPath(string location, string hint) => Assert.That(LocationHints.WithoutPrefix("a directory", ImageLocation.Parse(location)), Is.EqualTo(hint));

    [TestCase("./two.tar", "choose one by its number, for example oci-archive:./two.tar:@0, or load them all: orca load ./two.tar")]
    [TestCase("-", "load them all: orca load -")]
    [TestCase("./a:b.tar", "load them all: orca load ./a:b.tar")]
    [TestCase("https://x.test/two.tar", "load them all: orca load https://x.test/two.tar")]
    public void Choose_NamesWhatCanBeTyped(string location, string hint) => Assert.That(LocationHints.Choose("oci-archive", ImageLocation.Parse(location)), Is.EqualTo(hint));

    private static void Shell(string script, string argument = "", string input = "")
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script, argument]) { RedirectStandardInput = true })!;
        shell.StandardInput.Write(input);
        shell.StandardInput.Close();
        shell.WaitForExit();
        Assert.That(shell.ExitCode, Is.Zero, script);
    }
}
