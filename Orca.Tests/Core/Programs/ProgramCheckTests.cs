using System.Text;
using NUnit.Framework;
using Orca.Core.Programs;
using Orca.Core.References;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Core.Programs;

/// <summary>What is said of a program that does not run, by its bytes and those that it names.</summary>
internal sealed class ProgramCheckTests
{
    private const ulong K4 = 0x1000;
    private static readonly Platform s_amd64 = new("linux", "amd64"), s_arm64 = new("linux", "arm64", "v8");
    private static readonly ProgramMachine s_pc = new(s_amd64, [new Platform("linux", "386")], 4096);
    private static readonly ProgramMachine s_pi5 = new(s_arm64, [new Platform("linux", "arm", "v8")], 16384);
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _covered = new(StringComparer.Ordinal);

    private static IEnumerable<TestCaseData> Machines()
    {
        yield return Case(new ElfBuilder(ElfHeader.Arm64), "linux/arm64,");
        yield return Case(new ElfBuilder(ElfHeader.Arm64, IsBigEndian: true), "linux/arm64, big endian,");
        yield return Case(new ElfBuilder(ElfHeader.Amd64, Is64: false), "the x32 ABI of linux/amd64,");
        yield return Case(new ElfBuilder(ElfHeader.RiscV), "linux/riscv64,");
        yield return Case(new ElfBuilder(ElfHeader.S390, IsBigEndian: true), "linux/s390x,");
        yield return Case(new ElfBuilder(ElfHeader.Ppc64), "linux/ppc64le,");
        yield return Case(new ElfBuilder(ElfHeader.Mips, Is64: false, IsBigEndian: true), "linux/mips,");
        yield return Case(new ElfBuilder(0x7777, IsBigEndian: true), "linux/machine 0x7777, 64-bit, big endian,");
        yield return Case(new ElfBuilder(ElfHeader.Arm, Is64: false) { Flags = 0x05000400, ArmArchitecture = 10 }, "linux/arm/v7, hard float,");
        yield return Case(new ElfBuilder(ElfHeader.Arm, Is64: false) { Flags = 0x05000200, ArmArchitecture = 6 }, "linux/arm/v6, soft float,");
        yield return Case(new ElfBuilder(ElfHeader.Arm, Is64: false) { Flags = 0x05000000, ArmArchitecture = 4 }, "linux/arm/v5,");
        yield return Case(new ElfBuilder(ElfHeader.Arm, Is64: false) { ArmArchitecture = 14 }, "linux/arm/v8, old ABI,");
        yield return Case(new ElfBuilder(ElfHeader.Arm, Is64: false, IsBigEndian: true) { Flags = 0x05000400, ArmArchitecture = 10 }, "linux/arm/v7, hard float, big endian,");
        yield return Case(new ElfBuilder(ElfHeader.Arm, Is64: false) { Flags = 0x05000400 }, "linux/arm, hard float,");

        static TestCaseData Case(ElfBuilder program, string words) => new TestCaseData(program, words).SetArgDisplayNames(words);
    }

    [TestCaseSource(nameof(Machines))]
    public void ProgramOfAnotherMachine_IsNamed(ElfBuilder program, string words)
    {
        _files["/p"] = program.Build();
        var fault = Explain(s_pc)!;
        Assert.That(fault.Cause, Is.EqualTo($"'/p' is a program for {words} and this kernel runs linux/amd64 and linux/386"));
        Assert.That(fault.StartsAndDies, Is.False);
    }

    [Test]
    public void ProgramOfThisMachine_AndWhatElseItRuns_HaveNoFault()
    {
        _files["/p"] = new ElfBuilder(ElfHeader.Amd64).Build();
        Assert.That(Explain(s_pc), Is.Null);
        _files["/p"] = new ElfBuilder(ElfHeader.I386, Is64: false).Build();
        Assert.That(Explain(s_pc), Is.Null);
        Assert.That(Explain(s_pc with { AlsoRuns = [] })!.Cause, Does.EndWith("is a program for linux/386, and this kernel runs linux/amd64"));
    }

    [Test]
    public void Hint_OfAnImageForAnotherMachine_FetchesTheRightOne()
    {
        _files["/p"] = new ElfBuilder(ElfHeader.Arm64).Build();
        Assert.That(Explain(s_pc, s_arm64)!.Hint, Is.EqualTo("fetch the image for this machine: orca pull --platform linux/amd64 app:1"));
        Assert.That(Explain(s_pc)!.Hint, Is.EqualTo("the image says that it is for linux/amd64: use another tag, or a build of this program for linux/amd64"));
    }

    [TestCase("/lib/ld-musl-x86_64.so.1", "musl, as in Alpine")]
    [TestCase("/lib64/ld-linux-x86-64.so.2", "glibc, as in Debian")]
    [TestCase("/nix/store/ld.so", "what the loader belongs to")]
    public void MissingLoader_IsNamed(string loader, string hint)
    {
        _files["/p"] = new ElfBuilder(ElfHeader.Amd64) { Loader = loader }.Build();
        var fault = Explain(s_pc)!;
        Assert.That(fault.Cause, Is.EqualTo($"the loader of '/p', '{loader}', is missing in the image"));
        Assert.That(fault.Hint, Does.Contain(hint));
        _covered.Add(loader);
        Assert.That(Explain(s_pc), Is.Null, "what a mount hides is not said to be missing");
        _files[loader] = new ElfBuilder(ElfHeader.Arm64).Build();
        _covered.Clear();
        Assert.That(Explain(s_pc)!.Cause, Does.StartWith($"'{loader}' is a program for linux/arm64"), "the loader is looked at as well");
    }

    [Test]
    public void SegmentsThatSharePages_AreAFault_OnLargePagesAlone()
    {
        _files["/p"] = new ElfBuilder(ElfHeader.Arm, Is64: false) { Flags = 0x05000400, Loads = [(0, 0x10000, 0x2000, K4, 5), (0x2000, 0x13000, 0x100, K4, 6)] }.Build();
        var fault = Explain(s_pi5)!;
        Assert.That(fault.Cause, Is.EqualTo("'/p' (linux/arm, hard float) has segments aligned to 4 KB, and this kernel has pages of 16 KB"));
        Assert.That(fault.Hint, Does.Contain("'kernel=kernel8.img' in config.txt"));
        Assert.That(fault.StartsAndDies, Is.True);
        Assert.That(Explain(s_pi5 with { PageSize = 4096 }), Is.Null);
    }

    [TestCase(0x2000ul, 0x12000ul, 0x10000ul, false, Description = "right after each other")]
    [TestCase(0x10000ul, 0x20000ul, 0x10000ul, true)]
    [TestCase(0x4000ul, 0x14000ul, 0x4000ul, true)]
    [TestCase(0x4000ul, 0x15000ul, 0x1000ul, false, Description = "in another place of its page than in the file")]
    public void SegmentsFit_WhenNoPageHasTwoAndEachIsWhereThePageOfTheFileHasIt(ulong offset, ulong address, ulong alignment, bool fits)
    {
        var header = ElfHeader.Read(new ElfBuilder(ElfHeader.Arm64) { Loads = [(0, 0x10000, 0x800, alignment, 5), (offset, address, 0x800, alignment, 6)] }.Build())!;
        Assert.That(header.FitsPages(16384), Is.EqualTo(fits));
        Assert.That(header.Alignment, Is.EqualTo(alignment));
    }

    [TestCase("#!/bin/sh\r\necho\n", "ends with a carriage return")]
    [TestCase("#!/bin/sh -e\r\n", "ends with a carriage return")]
    [TestCase("#!/bin/bash\necho\n", "'/bin/bash', is missing in the image")]
    [TestCase("#! \t/bin/bash -e x\n", "'/bin/bash', is missing in the image")]
    [TestCase("#!\n", "names no interpreter")]
    [TestCase("#!", "names no interpreter")]
    [TestCase("echo hello\n", "is a script without a '#!' line")]
    [TestCase("\uFEFF#!/bin/sh\n", "a byte order mark")]
    [TestCase("", "is empty")]
    [TestCase("MZ\0\0", "a program for Windows")]
    [TestCase("\0\0\0", "neither a program nor a script")]
    [TestCase("\u007fELF\u0002\u0001\u0001", "damaged or truncated")]
    [TestCase("#!/bin/sh\n", null)]
    [TestCase("#!relative\n", null)]
    public void Script_IsExplained(string text, string? cause)
    {
        _files["/p"] = Encoding.UTF8.GetBytes(text);
        _files["/bin/sh"] = new ElfBuilder(ElfHeader.Amd64).Build();
        Assert.That(Explain(s_pc)?.Cause, cause is null ? Is.Null : Does.Contain(cause));
    }

    [Test]
    public void InterpretersOfInterpreters_AreFollowed_UpToTheKernelsLimit()
    {
        _files["/p"] = "#!/a\n"u8.ToArray();
        _files["/a"] = "#!/b\n"u8.ToArray();
        Assert.That(Explain(s_pc)!.Cause, Does.Contain("'/b', is missing"));
        _files["/b"] = "#!/a\n"u8.ToArray();
        Assert.That(Explain(s_pc), Is.Null);
    }

    /// <summary>Bytes from an image: whatever they are, they are read within their bounds.</summary>
    [Test]
    public void AnyBytes_AreReadWithinTheirBounds()
    {
        var random = Sampling.Random();
        ElfBuilder[] programs =
        [
            new(ElfHeader.Arm, Is64: false) { Loader = "/lib/ld", ArmArchitecture = 10, SectionsAt = 0x600 }, new(ElfHeader.Arm64) { Loader = "/lib/ld" },
            new(ElfHeader.Arm, Is64: false, IsBigEndian: true) { ArmArchitecture = 6, SectionsAt = 0x600 },
        ];
        for (var i = 0; i < Sampling.Rounds(20_000); i++)
        {
            var bytes = programs[i % programs.Length].Build();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(4, random.Next(2) == 0 ? 200 : bytes.Length)] = (byte)(random.Next(3) == 0 ? 0xff : random.Next(256));
            }

            _files["/p"] = random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
            Assert.That(() => Explain(i % 2 == 0 ? s_pi5 : s_pc), Throws.Nothing, () => Convert.ToHexString(_files["/p"]));
        }
    }

    private ProgramFault? Explain(ProgramMachine machine, Platform? image = null) => new ProgramCheck(machine, ("app:1", image ?? machine.Platform), Read).Explain("/p");

    private ProgramBytes Read(string path, int count) => _covered.Contains(path) ? default
        : new ProgramBytes(IsKnown: true, _files.TryGetValue(path, out var bytes) ? bytes[..Math.Min(count, bytes.Length)] : null);
}
