using System.Runtime.InteropServices;
using Orca.Core.Linux;
using Orca.Sandbox.Seccomp;

namespace Orca.Sandbox.Launch;

/// <content>The filter of system calls.</content>
internal sealed partial class PlanEncoder
{
    private const string ListenerSlot = "/listener";
    private const int SetModeFilter = 1;   // SECCOMP_SET_MODE_FILTER
    private const int SpecAllow = 4;       // SECCOMP_FILTER_FLAG_SPEC_ALLOW: or kernels before 5.16 slow the container down
    private const int NewListener = 8;     // SECCOMP_FILTER_FLAG_NEW_LISTENER
    private const int WaitKillable = 0x20; // SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: no signal makes a call start again that was answered; Linux 5.19

    // EBUSY: a filter around orca has a listener, and the kernel allows but one; EMFILE: no descriptor is left for it.
    private static readonly Errno[] s_noListener = [Errno.EINVAL, Errno.ENOSYS, Errno.EBUSY, Errno.EMFILE, Errno.ENFILE, Errno.EPERM, Errno.ENOMEM];

    /// <summary>By seccomp(2), with a listener when the filter asks, and where something around orca does not know that, by prctl(2).</summary>
    private void LoadFilter(SeccompFilter filter)
    {
        const int setSeccomp = 22, modeFilter = 2; // PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        if (filter.Asks)
        {
            var asking = Header(filter.Program);
            var listener = _program.SlotOf(ListenerSlot);
            TryToListen(listener, NewListener | SpecAllow | WaitKillable, asking, operationsAfter: 5);
            TryToListen(listener, NewListener | SpecAllow, asking, operationsAfter: 3);
        }

        var header = Header(filter.Asks ? filter.ProgramWithoutQuestions() : filter.Program);
        _program.CallTolerating([Errno.ENOSYS, Errno.EINVAL], 1, SystemCall.Seccomp, SetModeFilter, SpecAllow, header);
        PassOver(1);
        _program.Call(SystemCall.Prctl, setSeccomp, modeFilter, header);
    }

    private void TryToListen(Slot listener, int flags, DataReference program, int operationsAfter)
    {
        ReadOnlySpan<Argument> arguments = [SetModeFilter, flags, program];
        _program.Add(OperationKind.Call, SystemCall.Seccomp.Number(), listener, 1, s_noListener, arguments);
        PassOver(operationsAfter);
    }

    /// <summary>Never succeeds, so that what follows a success is passed over.</summary>
    private void PassOver(int operations) => _program.CallTolerating([Errno.EBADF, Errno.EPERM, Errno.ENOSYS], operations, SystemCall.Close, -1);

    /// <summary>struct sock_fprog: a count, and the address beside it.</summary>
    private DataReference Header(ReadOnlySpan<ulong> program)
    {
        var filter = _program.Bytes(MemoryMarshal.AsBytes(program));
        var header = _program.Bytes(BitConverter.GetBytes((long)program.Length));
        _program.Addresses([filter], terminate: false);
        return header;
    }
}
