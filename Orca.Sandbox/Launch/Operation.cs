using System.Runtime.InteropServices;

namespace Orca.Sandbox.Launch;

/// <summary>The kinds of <see cref="Operation"/>; mirrors enum orca_operation_kind of Child/child.h.</summary>
internal enum OperationKind : uint
{
    Call = 0,
    SendDescriptor = 1,
    CloseDescriptors = 2,
    BlockSignals = 3,
    CheckDirectory = 4,
    Init = 5,
    Connect = 6,
    MakePlace = 7,
    AwaitParent = 8,
    DeleteTree = 9,
    Joiner = 10,
    Join = 11,
    MakeUser = 12,
    Enter = 13,
    OpenTerminal = 14,
}

/// <summary>What a place is made for; mirrors enum orca_place of Child/place.h.</summary>
internal enum PlaceKind
{
    File = 0,
    Directory = 1,
    InProc = 2,
    ToWork = 3,
    Own = 4,
}

/// <summary>One instruction of the child; mirrors struct orca_operation of Child/child.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Operation
{
    /// <summary>How many slots the child has for results (ORCA_SLOTS).</summary>
    public const int Slots = 256;

    public OperationKind Kind;
    public uint Step;
    public long Number;
    public fixed ulong Arguments[6];
    public fixed ulong Tolerated[2];
    public uint SlotMask;
    public short ResultSlot;
    public ushort SkipOnTolerated;
}

/// <summary>Mirrors struct orca_init: where the child writes its descriptors' numbers, and two arrays that end with NULL.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InitVector
{
    public nint Descriptors;
    public nint Arguments;
    public nint Environment;
}

/// <summary>Mirrors struct orca_program.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ChildProgram
{
    public nint Operations;
    public ulong Count;
    public nint StackTop;
    public int Report;
    public int Parent;
    public int Stub;
    public fixed int Pipes[3];
    public int Target;
    public int Joining;
}

/// <summary>Mirrors struct orca_report.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ChildReport
{
    /// <summary>Instead of a step: a terminal's master comes beside this report.</summary>
    public const uint Terminal = 0xffffffff;

    /// <summary>Instead of a step: the namespaces are made, and the child waits.</summary>
    public const uint Isolated = 0xfffffffe;

    /// <summary>Instead of a step: the command runs.</summary>
    public const uint Started = 0xfffffffd;

    /// <summary>Instead of a step: a descriptor of the process that runs in the container comes beside this report.</summary>
    public const uint Entered = 0xfffffffb;

    /// <summary>Instead of a step: the command of a joined process has ended, and the error is its status.</summary>
    public const uint Ended = 0xfffffffa;

    public uint Step;
    public uint Error;
}
