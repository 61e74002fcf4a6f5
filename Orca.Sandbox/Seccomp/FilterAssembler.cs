namespace Orca.Sandbox.Seccomp;

/// <summary>Where a filter goes on: at an instruction, or to its end with a verdict.</summary>
/// <param name="Label">An instruction's place, counted from the program's end; -1 for a verdict.</param>
/// <param name="Verdict">The verdict.</param>
internal readonly record struct FilterTarget(int Label, Verdict Verdict)
{
    /// <summary>Go on at an instruction.</summary>
    internal static FilterTarget At(int label) => new(label, default);

    /// <summary>End.</summary>
    public static implicit operator FilterTarget(Verdict verdict) => new(-1, verdict);
}

/// <summary>Writes classic BPF (linux/filter.h, bpf_common.h) from the last instruction to the first.</summary>
/// <remarks>
/// Jumps of classic BPF go forward only, so from the end every target is known. A conditional jump reaches 255 instructions; what lies
/// farther is reached over an unconditional one, and a verdict is returned by whichever RET of it is near.
/// Only LD, AND, JMP and RET with constants are used: these are what the kernel can follow when it looks for calls that are allowed whatever
/// their arguments, for which it then never runs the filter (kernel/seccomp.c, seccomp_is_const_allow).
/// </remarks>
internal sealed class FilterAssembler
{
    /// <summary>BPF_RET|BPF_K: ends with the verdict that is its operand.</summary>
    internal const ushort Return = 0x06;

    private const int Reach = 250; // 255, less what may come between a target and the jump to it
    private const ushort LoadWord = 0x20, And = 0x54, Always = 0x05, IfEqual = 0x15, IfGreater = 0x25, IfNotLess = 0x35, IfAnySet = 0x45;
    private const uint NumberOffset = 0, ArchitectureOffset = 4, ArgumentsOffset = 16; // struct seccomp_data

    private readonly List<ulong> _backward = new(512);
    private readonly Dictionary<uint, int> _returns = [];

    /// <summary>Loads the call's number.</summary>
    internal FilterTarget LoadNumber(FilterTarget next) => Statement(LoadWord, NumberOffset, next);

    /// <summary>Loads the call's AUDIT_ARCH value.</summary>
    internal FilterTarget LoadArchitecture(FilterTarget next) => Statement(LoadWord, ArchitectureOffset, next);

    /// <summary>Loads the low or high half of an argument (little-endian machines).</summary>
    internal FilterTarget LoadArgument(int index, bool high, FilterTarget next) =>
        Statement(LoadWord, ArgumentsOffset + (uint)(8 * index) + (high ? 4u : 0), next);

    /// <summary>Keeps these bits of what is loaded.</summary>
    internal FilterTarget Keep(uint bits, FilterTarget next) => bits == uint.MaxValue ? next : Statement(And, bits, next);

    /// <summary>Branches on equality.</summary>
    internal FilterTarget Equal(uint value, FilterTarget yes, FilterTarget no) => Branch(IfEqual, value, yes, no);

    /// <summary>Branches on what is loaded being greater.</summary>
    internal FilterTarget Greater(uint value, FilterTarget yes, FilterTarget no) => Branch(IfGreater, value, yes, no);

    /// <summary>Branches on what is loaded being greater or equal.</summary>
    internal FilterTarget NotLess(uint value, FilterTarget yes, FilterTarget no) => Branch(IfNotLess, value, yes, no);

    /// <summary>Branches on any of these bits being set.</summary>
    internal FilterTarget AnySet(uint bits, FilterTarget yes, FilterTarget no) => Branch(IfAnySet, bits, yes, no);

    /// <summary>The program, from its first instruction: struct sock_filter each, as a number.</summary>
    internal ulong[] Program()
    {
        var program = _backward.ToArray();
        Array.Reverse(program);
        return program;
    }

    private FilterTarget Statement(ushort code, uint operand, FilterTarget next)
    {
        var label = Near(next, 0);
        if (label != _backward.Count - 1)
        {
            label = Add(Always, 0, 0, Distance(label));
        }

        return FilterTarget.At(Add(code, 0, 0, operand));
    }

    private FilterTarget Branch(ushort code, uint operand, FilterTarget yes, FilterTarget no)
    {
        if (yes == no)
        {
            return yes;
        }

        var whenNo = Near(no, Reach);
        var whenYes = Near(yes, Reach);
        return FilterTarget.At(Add(code, Distance(whenYes), Distance(whenNo), operand));
    }

    /// <summary>A label at most so far from the next instruction; 0 means: directly before, or anywhere.</summary>
    private int Near(FilterTarget target, int reach)
    {
        if (target.Label >= 0)
        {
            return reach == 0 || Distance(target.Label) <= reach ? target.Label : Add(Always, 0, 0, Distance(target.Label));
        }

        if (!_returns.TryGetValue(target.Verdict.Value, out var label) || Distance(label) > reach)
        {
            label = Add(Return, 0, 0, target.Verdict.Value);
            _returns[target.Verdict.Value] = label;
        }

        return label;
    }

    /// <summary>How many instructions lie between the next one and this.</summary>
    private uint Distance(int label) => (uint)(_backward.Count - label - 1);

    private int Add(ushort code, uint yes, uint no, uint operand)
    {
        _backward.Add(code | ((ulong)yes << 16) | ((ulong)no << 24) | ((ulong)operand << 32));
        return _backward.Count - 1;
    }
}
