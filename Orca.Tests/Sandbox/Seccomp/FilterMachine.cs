using Orca.Sandbox.Seccomp;

namespace Orca.Tests.Sandbox.Seccomp;

/// <summary>Runs classic BPF as the kernel does on struct seccomp_data, and follows it as the kernel does when it looks for constant answers.</summary>
internal sealed class FilterMachine(ulong[] program)
{
    public int Length => program.Length;

    /// <summary>What the filter returns for a call.</summary>
    public Verdict Run(uint architecture, uint number, params ReadOnlySpan<ulong> arguments)
    {
        var data = new uint[16];
        (data[0], data[1]) = (number, architecture);
        for (var i = 0; i < arguments.Length; i++)
        {
            (data[4 + (2 * i)], data[5 + (2 * i)]) = ((uint)arguments[i], (uint)(arguments[i] >> 32));
        }

        return Walk(offset => data[offset / 4])!.Value;
    }

    /// <summary>True when the kernel allows the call without running the filter (kernel/seccomp.c, seccomp_is_const_allow).</summary>
    public bool IsAllowedUnseen(uint architecture, uint number) =>
        Walk(offset => offset switch { 0 => number, 4 => architecture, _ => null }) == Verdict.Allow;

    /// <summary>How many instructions a call costs.</summary>
    public int Steps { get; private set; }

    private Verdict? Walk(Func<uint, uint?> load)
    {
        var accumulator = 0u;
        Steps = 0;
        for (var at = 0; ; at++)
        {
            Steps++;
            var (code, yes, no, operand) = ((ushort)program[at], (byte)(program[at] >> 16), (byte)(program[at] >> 24), (uint)(program[at] >> 32));
            switch (code)
            {
                case 0x20 when load(operand) is { } word: accumulator = word; break;
                case 0x20: return null;
                case 0x54: accumulator &= operand; break;
                case 0x05: at += (int)operand; break;
                case 0x15: at += accumulator == operand ? yes : no; break;
                case 0x25: at += accumulator > operand ? yes : no; break;
                case 0x35: at += accumulator >= operand ? yes : no; break;
                case 0x45: at += (accumulator & operand) != 0 ? yes : no; break;
                case 0x06: return new Verdict(operand);
                default: throw new InvalidDataException($"instruction {at} has code {code:x}");
            }
        }
    }
}
