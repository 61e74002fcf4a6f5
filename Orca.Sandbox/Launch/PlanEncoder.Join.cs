using Orca.Sandbox.Planning;
using static Tmds.Linux.LibC;

namespace Orca.Sandbox.Launch;

/// <content>The steps of a command that joins a container. From <see cref="StartJoiner"/> on they are a program of their own, for a process that has none of this one's memory.</content>
internal sealed partial class PlanEncoder
{
    private const string UserSpaceSlot = "/user";
    private int _keepsTarget = 1;

    private void DiscardStreams()
    {
        _program.CallInto(_scratch, SystemCall.OpenAt, Here, _program.Text("/dev/null"), O_RDWR | O_CLOEXEC);
        for (var stream = 0; stream < 3; stream++)
        {
            _program.Call(SystemCall.Dup3, _scratch, stream, 0);
        }
    }

    private void BecomeJoiner(int size)
    {
        var room = _program.Bytes(stackalloc byte[DescriptorsRoom]);
        var arguments = _program.Addresses([_program.Text("orca-join"), room], terminate: true);
        var vectors = _program.Addresses([room, arguments, _program.Addresses([], terminate: true)], terminate: false);
        _program.Add(OperationKind.Joiner, 0, null, 0, [], [vectors, size]);
    }

    /// <summary>The kernel ends what has an id in a container's own process namespace; else the first process is to be watched.</summary>
    private void JoinNamespaces(JoinNamespaces step)
    {
        if (step.Namespaces.HasFlag(NamespaceKinds.Pid))
        {
            _keepsTarget = 0;
        }

        _program.Add(OperationKind.Join, 0, null, 0, [], [(ulong)step.Namespaces, step.KeepsProc ? 1 : 0]);
    }

    private void MakeUserSpace(MakeUserSpace step) =>
        _program.Add(OperationKind.MakeUser, 0, _program.SlotOf(UserSpaceSlot), 0, [], [(ulong)step.Uid, (ulong)step.Gid]);

    private void EnterUserSpace()
    {
        _program.Call(SystemCall.Setns, _program.SlotOf(UserSpaceSlot), (ulong)NamespaceKinds.User);
        _program.Call(SystemCall.Prctl, 4 /* PR_SET_DUMPABLE */, 0, 0, 0, 0); // other capabilities have reset it
        _program.Call(SystemCall.Close, _program.SlotOf(UserSpaceSlot));
    }

    private void OpenTerminalInside(TerminalFacts terminal)
    {
        var modes = terminal.Modes.IsEmpty ? (Argument)0 : _program.Bytes(TerminalModes.Cooked(terminal.Modes.Span));
        _program.Add(OperationKind.OpenTerminal, 0, _program.SlotOf(TerminalSlot), 0, [], [WindowSize(terminal), modes]);
    }
}
