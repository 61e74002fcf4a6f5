using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Core.Programs;

/// <summary>Tries which programs the kernel runs beside those of this process's kind, by running one of each: a few instructions that end with a known status.</summary>
internal static class KernelPrograms
{
    private const byte Status = 42;
    private const int ArmCode = unchecked((int)0xe3a0002a), Arm7 = unchecked((int)0xe3a07001), ArmCall = unchecked((int)0xef000000); // mov r0, #42; mov r7, #1; svc 0

    /// <summary>What is tried: by the architecture of this process, the architecture of the program, its e_machine, e_flags and instructions.</summary>
    private static readonly (string On, string Architecture, ushort Machine, uint Flags, byte[] Code)[] s_trials =
    [
        ("amd64", "386", ElfHeader.I386, 0, [0xb8, 1, 0, 0, 0, 0xbb, Status, 0, 0, 0, 0xcd, 0x80]),                    // mov $1, %eax; mov $42, %ebx; int $0x80
        ("amd64", ElfPlatform.X32, ElfHeader.Amd64, 0, [0xb8, 60, 0, 0, 0x40, 0xbf, Status, 0, 0, 0, 0x0f, 5]),         // mov $0x4000003c, %eax; mov $42, %edi; syscall
        ("arm64", "arm", ElfHeader.Arm, 0x05000400, [.. BitConverter.GetBytes(ArmCode), .. BitConverter.GetBytes(Arm7), .. BitConverter.GetBytes(ArmCall)]),
    ];

    private static IReadOnlyList<Platform>? s_runs;

    /// <summary>The platforms beside <see cref="Platform.Current"/> whose programs ran; tried once.</summary>
    internal static IReadOnlyList<Platform> Runs => s_runs ??= [.. s_trials.Where(static trial => trial.On == Platform.Current.Architecture && Try(trial.Machine, trial.Flags, trial.Code))
        .Select(static trial => new Platform("linux", trial.Architecture, trial.Architecture == "arm" ? "v8" : null))];

    /// <summary>The same without what images cannot be for, and without 32-bit ARM where pages are large: most of its programs are aligned to 4 KB.</summary>
    internal static IReadOnlyList<Platform> ForImages => OfKernel(Runs, Environment.SystemPageSize);

    internal static IReadOnlyList<Platform> OfKernel(IReadOnlyList<Platform> runs, int pageSize) =>
        [.. runs.Where(platform => platform.Architecture != ElfPlatform.X32 && (platform.Architecture != "arm" || pageSize <= 4096))];

    private static bool Try(ushort machine, uint flags, byte[] code)
    {
        try
        {
            using var file = Kernel.OpenMemoryFile("orca-trial");
            FileSystem.Write(file, Program(machine, flags, code));
            return ChildProgram.Run(file) is { } status ? status == Status : Guess(machine);
        }
        catch (LinuxException)
        {
            return Guess(machine);
        }
    }

    /// <summary>For hosts that let no program in memory be run.</summary>
    private static bool Guess(ushort machine) => machine switch
    {
        ElfHeader.I386 => true, // as nearly every kernel of a distribution
        ElfHeader.Arm => Machine.RunsArm32,
        _ => false,
    };

    /// <summary>A 32-bit little-endian program of one segment, aligned to 64 KB, that is nothing but the code.</summary>
    internal static byte[] Program(ushort machine, uint flags, byte[] code)
    {
        const int header = 52, segment = 32;
        const uint address = 0x100000, alignment = 0x10000;
        var size = (uint)(header + segment + code.Length);
        var program = new byte[size];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1]).CopyTo(program);
        ReadOnlySpan<uint> words = [2 | ((uint)machine << 16), 1, address + header + segment, header, 0, flags, header | (segment << 16), 1 | (40 << 16), 0, 1, 0, address, address, size, size, 5, alignment];
        for (var i = 0; i < words.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(program.AsSpan(16 + (4 * i)), words[i]);
        }

        code.CopyTo(program, header + segment);
        return program;
    }
}
