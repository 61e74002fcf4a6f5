using System.Globalization;

namespace Orca.Sandbox.Seccomp;

/// <summary>What becomes of a call: the value a filter returns (seccomp(2), SECCOMP_RET_...).</summary>
internal readonly record struct Verdict(uint Value)
{
    /// <summary>The call is made.</summary>
    internal static readonly Verdict Allow = new(0x7fff0000);

    /// <summary>The call is made, and nobody is asked though its name is one of those that are asked about. The kernel does not look at the lower half.</summary>
    internal static readonly Verdict AllowUnasked = new(0x7fff0001);

    /// <summary>The call is made and logged.</summary>
    internal static readonly Verdict Log = new(0x7ffc0000);

    /// <summary>The whole process dies of SIGSYS.</summary>
    internal static readonly Verdict KillProcess = new(0x80000000);

    /// <summary>The thread dies.</summary>
    internal static readonly Verdict KillThread = new(0);

    /// <summary>The thread gets SIGSYS.</summary>
    internal static readonly Verdict Trap = new(0x00030000);

    /// <summary>The call is answered as done, and not made.</summary>
    internal static readonly Verdict Pretend = Fail(0);

    /// <summary>EPERM.</summary>
    internal static readonly Verdict Refuse = Fail(1);

    /// <summary>ENOSYS: as a kernel answers that has no such call.</summary>
    internal static readonly Verdict Absent = Fail(38);

    /// <summary>The call is not made and returns this errno, or 0.</summary>
    internal static Verdict Fail(ushort errno) => new(0x00050000u | errno);

    /// <summary>A tracer decides (PTRACE_EVENT_SECCOMP), with this message.</summary>
    internal static Verdict Trace(ushort message) => new(0x7ff00000u | message);

    /// <summary>Another process is asked (seccomp_unotify(2)); where there is none to ask, <paramref name="otherwise"/>: Allow, Pretend or Refuse.</summary>
    /// <remarks>Which of them stands in the lower half, which the kernel does not look at.</remarks>
    internal static Verdict Ask(Verdict otherwise) => new(Question | (otherwise == Pretend ? 1u : otherwise == Refuse ? 2u : 0));

    /// <summary>The init is asked where it remembers owners; elsewhere <see cref="Pretend"/>.</summary>
    internal static readonly Verdict Remember = new(Question | 3u);

    /// <summary>What is left of it when nobody can be asked.</summary>
    internal Verdict Unasked => !IsQuestion ? this : Value == Question ? Allow : Value == Question + 2 ? Refuse : Pretend;

    /// <summary>Tells whether another process is asked.</summary>
    internal bool IsQuestion => (Value & 0xffff0000) == Question;

    private const uint Question = 0x7fc00000; // SECCOMP_RET_USER_NOTIF

    /// <summary>Tells whether the call is made, whoever is told of it.</summary>
    internal bool IsMade => this == Allow || this == AllowUnasked || this == Log || (Value & 0xffff0000) == 0x7ff00000;

    /// <summary>Tells whether the call fails with an errno.</summary>
    internal bool IsFailure => (Value & 0xffff0000) == 0x00050000;

    /// <inheritdoc/>
    public override string ToString() => this == Allow ? "allow" : this == Pretend ? "pretend" : this == KillProcess ? "kill"
        : IsFailure ? string.Create(CultureInfo.InvariantCulture, $"errno {Value & 0xffff}") : "0x" + Value.ToString("x8", CultureInfo.InvariantCulture);
}
