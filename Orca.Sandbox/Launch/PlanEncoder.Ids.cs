using System.Globalization;
using Orca.Core.Linux;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <content>The steps of containers that have more ids than one.</content>
internal sealed partial class PlanEncoder
{
    private const int NoChange = -1;

    private void GiveStreams(GiveStreams step)
    {
        foreach (var stream in step.Streams)
        {
            // EPERM, EINVAL: another user's pipe, whom the container does not have.
            _program.CallTolerating([Errno.EPERM, Errno.EINVAL], 0, SystemCall.Fchown, stream, (ulong)step.Uid, NoChange);
        }
    }

    private void GiveTerminal(GiveTerminal step) => _program.Call(SystemCall.Fchown, _program.SlotOf(TerminalSlot), (ulong)step.Uid, NoChange);

    /// <summary>As Child/Stub/init.c reads it, behind the other numbers.</summary>
    private string Words(BecomeUser step) => string.Create(
        CultureInfo.InvariantCulture,
        $" {_program.Step} {step.Uid} {step.Gid} {(uint)step.Capabilities.Bits} {(uint)(step.Capabilities.Bits >> 32)} {step.Groups.Count} {string.Join(' ', step.Groups)}");

    /// <summary>In a group of its own it hears of a Ctrl-C once, from the parent, and not from the terminal too. It ends with the parent.</summary>
    private void BecomeProgram(BecomeProgram step)
    {
        _program.Call(SystemCall.Setpgid, 0, 0);
        _program.Call(SystemCall.Prctl, 1 /* PR_SET_PDEATHSIG */, Core.Sandbox.Signal.Term.Number);
        _program.Call(SystemCall.SigProcMask, 2 /* SIG_SETMASK */, _program.Bytes(stackalloc byte[8]), 0, 8);
        _program.Call(SystemCall.Execve, _program.Text(step.Program), Vector(step.Arguments), Vector(step.Variables));
    }

    private DataReference Vector(IReadOnlyList<byte[]> texts) => _program.Vector(texts, text => _program.Bytes([.. text, 0]));

    private void DeleteTree(DeleteTree step) => _program.Add(OperationKind.DeleteTree, 0, null, 0, [], [_program.Text(step.Path), (ulong)step.Freed]);
}
