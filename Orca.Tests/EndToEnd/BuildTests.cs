using System.Buffers.Binary;
using NUnit.Framework;
using Orca.Tests.Architecture;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>What is handed out: one static file, small, the same from every directory.</summary>
[Category("EndToEnd")]
public sealed class BuildTests
{
    private const int LargestSize = 14_000_000;
    private const int SharedObject = 3;
    private const int Interpreter = 3;

    private static readonly string s_dist = Path.Combine(Repository.Root, "dist");

    [Test]
    public void Dist_HoldsOneFileOfFewMegabytes()
    {
        Assert.That(Directory.EnumerateFileSystemEntries(s_dist).Select(Path.GetFileName), Is.EqualTo(["orca"]));
        Assert.That(new FileInfo(Path.Combine(s_dist, "orca")).Length, Is.LessThanOrEqualTo(LargestSize));
    }

    [Test]
    public void Binary_IsStaticAndPositionIndependent()
    {
        var elf = File.ReadAllBytes(Path.Combine(s_dist, "orca")).AsSpan();
        Assert.That(BinaryPrimitives.ReadUInt16LittleEndian(elf[16..]), Is.EqualTo(SharedObject));
        var table = (int)BinaryPrimitives.ReadUInt64LittleEndian(elf[32..]);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(elf[54..]);
        for (var i = 0; i < BinaryPrimitives.ReadUInt16LittleEndian(elf[56..]); i++)
        {
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(elf[(table + (i * size))..]), Is.Not.EqualTo(Interpreter), "it asks for a dynamic loader");
        }

        Assert.That(World.Tool("ldd", Path.Combine(s_dist, "orca")).Output, Does.Contain("statically linked"));
    }

    /// <summary>The entry moves the data into huge pages: what the kernel has put beside it must still be there. Where that lies is by chance.</summary>
    [Test]
    [Repeat(8)]
    public void Start_LeavesTheKernelsPagesInPlace()
    {
        using var waiting = World.Shared.Orca("login", "--username", "nobody", "--password-stdin", "localhost:5001").Start();
        var maps = string.Empty;
        Assert.That(World.Eventually(() => (maps = File.ReadAllText($"/proc/{waiting.Id}/maps")).Contains("orca", StringComparison.Ordinal) && maps.Contains("[heap]", StringComparison.Ordinal)), Is.True, maps);
        Assert.That(maps, Does.Contain("[vdso]").And.Contain("[vvar]"));
    }

    [Test]
    public void Binary_NamesNoDirectoryOfTheBuilder()
    {
        var text = File.ReadAllText(Path.Combine(s_dist, "orca"), System.Text.Encoding.Latin1);
        foreach (var directory in (string[])[Repository.Root, "/.nuget/packages"])
        {
            var at = text.IndexOf(directory, StringComparison.Ordinal);
            Assert.That(at < 0 ? "" : text.Substring(at, 100), Is.Empty);
        }
    }

    [Test]
    public void TwoBuilds_InTwoDirectories_GiveTheSameBytes()
    {
        var other = Directory.CreateTempSubdirectory("orca-another-build-").FullName;
        try
        {
            Outcome Shell(string line)
            {
                var command = new Command("sh", "-c", line).AsCaller().In(Repository.Root).With("other", other).Within(900);
                foreach (var name in (string[])["HOME", "NUGET_PACKAGES", "http_proxy", "https_proxy", "no_proxy", "CI"])
                {
                    command.With(name, Surroundings.Caller(name) ?? "");
                }

                return command.Run().Succeeds();
            }

            Shell("git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t \"$other\"");
            Shell("\"$other/.ci/publish\" \"$other/dist/orca\"");
            Shell("cmp dist/orca \"$other/dist/orca\"");
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }
}
