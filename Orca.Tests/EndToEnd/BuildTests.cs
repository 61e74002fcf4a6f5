using NUnit.Framework;
using Orca.Tests.Architecture;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>What is handed out: one static file for each processor, small, the same from every directory.</summary>
[Category("EndToEnd")]
public sealed class BuildTests
{
    private const int LargestSize = 16_000_000;
    private const int LargestSizeForArm64 = 16_000_000;
    private const int SharedObject = 3;
    private const int X64 = 62, Arm64 = 183;
    private const ulong LargestPage = 64 << 10, HugePage = 2 << 20;

    private static readonly string s_dist = Path.Combine(Repository.Root, "dist");

    [Test]
    public void Dist_HoldsOneFileForEachProcessor()
    {
        var files = Directory.EnumerateFiles(s_dist, "*", SearchOption.AllDirectories).Select(static file => Path.GetRelativePath(s_dist, file)).ToList();
        Assert.That(files, Does.Contain("orca"));
        Assert.That(files, Is.SubsetOf(["orca", "arm64/orca", "release/orca-linux-x64", "release/orca-linux-arm64", "release/SHA256SUMS"]));
    }

    [TestCase("orca", X64, LargestSize)]
    [TestCase("arm64/orca", Arm64, LargestSizeForArm64)]
    public void Binary_IsSmallStaticAndPositionIndependent(string name, int machine, int largest)
    {
        var path = Built(name);
        Assert.That(new FileInfo(path).Length, Is.LessThanOrEqualTo(largest));
        var elf = ElfFile.Read(path);
        Assert.That((elf.Type, elf.Machine), Is.EqualTo((SharedObject, machine)));
        Assert.That(elf.Segments.Where(static segment => segment.NamesALoader), Is.Empty, "it asks for a dynamic loader");
    }

    [Test]
    public void Binary_HasNoLibrary_AsTheHostSees() =>
        Assert.That(World.Tool("ldd", Path.Combine(s_dist, "orca")).Output, Does.Contain("statically linked"));

    /// <summary>
    /// Kernels for arm64 have pages of 4, 16 or 64 KB, and those with large ones cannot map a segment that is aligned to less. The programs inside the binary,
    /// the init and the one of 'hello', are looked at as well; the full binary by itself, because it is compressed there.
    /// </summary>
    [TestCase("dist/arm64/orca", 2)]
    [TestCase("artifacts/arm64/publish/whole/orca", 3)]
    public void Segments_OfEveryProgramForArm64_AreAlignedToTheLargestPage(string name, int programs)
    {
        Needs.Arm64Binary();
        var elves = ElfFile.ReadWithEmbedded(Path.Combine(Repository.Root, name));
        Assert.That(elves, Has.Count.EqualTo(programs));
        foreach (var (elf, index) in elves.Select(static (elf, index) => (elf, index)))
        {
            AssertAligned(elf, $"program {index} of {name}");
        }
    }

    [Test]
    public void Segments_OfTheBinary_AreAlignedToTheLargestPage() => AssertAligned(ElfFile.Read(Built("orca")), "dist/orca");

    /// <summary>
    /// The entry can move the data into huge pages where it begins on a boundary of one: its address is such a boundary, and the first segment's alignment makes the kernel
    /// choose such a base. In the file that costs less than one page of zeros.
    /// </summary>
    [TestCase("orca")]
    [TestCase("arm64/orca")]
    public void Data_BeginsOnTheBoundaryOfAHugePage_AndTheFileIsNotFilledUpToIt(string name)
    {
        var segments = ElfFile.Read(Built(name)).Segments.Where(static segment => segment.IsLoaded).ToList();
        Assert.That((segments[0].Offset, segments[0].Address, segments[0].Alignment), Is.EqualTo((0UL, 0UL, HugePage)));
        Assert.That(segments[^1].Address % HugePage, Is.Zero);
        Assert.That(segments[^1].Offset - (segments[^2].Offset + segments[^2].MemorySize), Is.LessThan(LargestPage));
    }

    /// <summary>The data lies in a huge page while a command begins: what is not asked for is not measured as time, but as faults.</summary>
    [Test]
    [Repeat(8)]
    public void Start_FindsItsDataOnTheBoundaryOfAHugePage()
    {
        using var waiting = World.Shared.Orca("login", "--username", "nobody", "--password-stdin", "localhost:5001").Start();
        var data = ElfFile.Read(Built("orca")).Segments.Last(static segment => segment.IsLoaded);
        var first = string.Empty;
        Assert.That(World.Eventually(() => (first = FirstAddress(File.ReadAllText($"/proc/{waiting.Id}/maps"))).Length > 0), Is.True);
        Assert.That((Convert.ToUInt64(first, 16) + data.Address) % HugePage, Is.Zero, first);

        // The first mapping of the program itself: the kernel may put the heap below it.
        static string FirstAddress(string maps) =>
            maps.Split('\n').FirstOrDefault(static line => line.Contains("orca", StringComparison.Ordinal))?.Split('-')[0] ?? string.Empty;
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

    [TestCase("orca")]
    [TestCase("arm64/orca")]
    public void Binary_NamesNoDirectoryOfTheBuilder(string name)
    {
        var text = File.ReadAllText(Built(name), System.Text.Encoding.Latin1);
        foreach (var directory in (string[])[Repository.Root, "/.nuget/packages", "/sysroot-arm64-"])
        {
            var at = text.IndexOf(directory, StringComparison.Ordinal);
            Assert.That(at < 0 ? "" : text.Substring(at, 100), Is.Empty);
        }
    }

    [SampledCases(nameof(Processors), 1)]
    public void TwoBuilds_InTwoDirectories_GiveTheSameBytes(string processor, string name)
    {
        Built(name);
        var other = Directory.CreateTempSubdirectory("orca-another-build-").FullName;
        try
        {
            Outcome Shell(string line)
            {
                var command = new Command("sh", "-c", line).AsCaller().In(Repository.Root).Within(900)
                    .With("other", other).With("processor", processor).With("binary", "dist/" + name);
                foreach (var variable in (string[])["HOME", "NUGET_PACKAGES", "ORCA_FIXTURES", "http_proxy", "https_proxy", "no_proxy", "CI"])
                {
                    if (Surroundings.Caller(variable) is { } value)
                    {
                        command.With(variable, value);
                    }
                }

                return command.Run().Succeeds();
            }

            Shell("git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t \"$other\"");
            Shell("\"$other/.ci/publish\" \"$other/$binary\" \"$processor\"");
            Shell("cmp \"$binary\" \"$other/$binary\"");
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    /// <summary>What 'make release' hands out, made of the binaries that are built already: both run, and the sums are theirs.</summary>
    [Test]
    public void Release_HasBothBinaries_AndTheirSums()
    {
        Built("arm64/orca");
        Outcome Shell(string line) => new Command("sh", "-c", line).AsCaller().In(Repository.Root).Within(120).Run().Succeeds();
        Shell("make --no-print-directory -o build -o arm64 release");
        Assert.That(Shell("cd dist/release && sha256sum --strict -c SHA256SUMS").Lines, Is.EquivalentTo(["orca-linux-x64: OK", "orca-linux-arm64: OK"]));
        Shell("cmp dist/orca dist/release/orca-linux-x64 && cmp dist/arm64/orca dist/release/orca-linux-arm64");
        Assert.That(Shell("dist/release/orca-linux-x64 version").Output, Does.EndWith(" linux/amd64\n"));
        Assert.That(Shell("qemu-aarch64 dist/release/orca-linux-arm64 version").Output, Does.EndWith(" linux/arm64/v8\n"));
    }

    private static IEnumerable<TestCaseData> Processors() => [new("x64", "orca"), new("arm64", "arm64/orca")];

    private static string Built(string name)
    {
        if (name.StartsWith("arm64/", StringComparison.Ordinal))
        {
            Needs.Arm64Binary();
        }

        return Path.Combine(s_dist, name);
    }

    private static void AssertAligned(ElfFile elf, string name)
    {
        var last = -1L;
        foreach (var segment in elf.Segments.Where(static segment => segment.IsLoaded))
        {
            Assert.That(segment.Alignment % LargestPage, Is.Zero, $"{name}: the alignment of {segment}");
            Assert.That((segment.Address - segment.Offset) % LargestPage, Is.Zero, $"{name}: the address of {segment} in the file");
            Assert.That((long)(segment.Address / LargestPage), Is.GreaterThan(last), $"{name}: {segment} shares a page with another one");
            last = (long)((segment.Address + segment.MemorySize - 1) / LargestPage);
        }
    }
}
