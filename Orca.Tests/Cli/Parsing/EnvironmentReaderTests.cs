using System.Text;
using NUnit.Framework;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Tests.Cli.Parsing;

/// <summary>--env and --env-file.</summary>
public sealed class EnvironmentReaderTests
{
    [TestCase("A=1", "A=1")]
    [TestCase("A=", "A=")]
    [TestCase("A=b=c", "A=b=c")]
    [TestCase("A= x ", "A= x ")]
    [TestCase("HOST", "HOST=here")]
    [TestCase("EMPTY", "EMPTY=")]
    [TestCase("UNSET", null)]
    [TestCase("HOS", null)]
    [TestCase("ORCA_PULLED", null)]
    [TestCase("ORCA_PIPES", null)]
    public void Entry_IsSetOrCopiedOrLeftOut(string entry, string? expected)
    {
        var env = new List<string>();
        Reader().AddEntry(entry, env);
        Assert.That(env, Is.EqualTo(expected is null ? [] : new[] { expected }));
    }

    [TestCase("")]
    [TestCase("=x")]
    [TestCase("=")]
    public void Entry_WithoutName_IsRefused(string entry) => Assert.That(() => Reader().AddEntry(entry, []), Throws.TypeOf<ReferenceException>());

    [Test]
    public void HostValue_ThatIsNotUtf8_KeepsItsBytes()
    {
        var env = new List<string>();
        Reader().AddEntry("BYTES", env);
        Assert.That(NativeText.Encode(env[0]), Is.EqualTo("BYTES="u8.ToArray().Append((byte)0xFF)));
    }

    [TestCase("A=1\nB=2\n", "A=1|B=2")]
    [TestCase("A=1\r\nB=2\r\n", "A=1|B=2")]
    [TestCase("\uFEFFA=1", "A=1")]
    [TestCase("# comment\n  # another\n\n \t\nA=1", "A=1")]
    [TestCase("A=1 # no comment", "A=1 # no comment")]
    [TestCase("A=\"quoted\"\nB='x'", "A=\"quoted\"|B='x'")]
    [TestCase("  A=1  ", "A=1  ")]
    [TestCase("HOST\nUNSET\n", "HOST=here")]
    [TestCase("A=1\nA=2", "A=1|A=2")]
    [TestCase("", "")]
    public void File_IsReadAsDockerReadsIt(string content, string expected)
    {
        var env = new List<string>();
        Reader().AddLines(Encoding.UTF8.GetBytes(content), "f", env);
        Assert.That(string.Join('|', env), Is.EqualTo(expected));
    }

    [Test]
    public void File_WithALineOfAMegabyte_IsRead()
    {
        var env = new List<string>();
        Reader().AddLines(Encoding.UTF8.GetBytes("A=" + new string('x', 1 << 20) + "\nB=1"), "f", env);
        Assert.That(env.Select(entry => entry.Length), Is.EqualTo([(1 << 20) + 2, 3]));
    }

    [TestCase("A=1\nB C=2", "cannot use environment file 'f': line 2: the name 'B C' holds white space")]
    [TestCase("=x", "cannot use environment file 'f': line 1: there is no name before '='")]
    [TestCase("A=\0", "cannot use environment file 'f': line 1: it holds a NUL")]
    [TestCase("export A=1", "cannot use environment file 'f': line 1: the name 'export A' holds white space")]
    public void File_WithAWrongLine_SaysWhich(string content, string message) => Assert.That(
        () => Reader().AddLines(Encoding.UTF8.GetBytes(content), "f", []), Throws.TypeOf<ReferenceException>().With.Message.EqualTo(message));

    [Test]
    public void File_ThatIsMissing_IsAnOrcaError() => Assert.That(() => Reader().AddFile("/nonexistent/file", []), Throws.InstanceOf<OrcaException>());

    private static EnvironmentReader Reader()
    {
        var host = new HostEnvironment(() =>
        [
            "HOST=here"u8.ToArray(), "HOSTX=no"u8.ToArray(), "EMPTY="u8.ToArray(), [.. "BYTES="u8, 0xFF], "ORCA_PULLED=x"u8.ToArray(), "ORCA_PIPES=1 2"u8.ToArray(),
        ]);
        return new EnvironmentReader(host, new NamedFiles(host));
    }
}
