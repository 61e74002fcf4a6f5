using System.Runtime.InteropServices;

namespace Orca.Sandbox.Launch;

/// <summary>What the loop beside a container works on; mirrors struct orca_keep of Child/keep.h. Descriptors are -1 when there is none.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Keep
{
    public const int Room = 4096;

    public int Process;
    public int Report;
    public int Turns;
    public int Signals;
    public int IsSignalFd;
    public int Input;
    public int InputTo;
    public int Keys;
    public int IsTerminal;
    public int Slave;
    public int Typed;
    public int AskedToEnd;
    public int Looked;
    public int ReadsLines;
    public long Pause;
    public long LastPause;
    public long SuspendedAt;
    public fixed byte Saved[HostTerminal.ModesSize];
    public fixed byte Raw[HostTerminal.ModesSize];
    public int IsRaw;
    public fixed byte Buffer[Room];
    public Flow Output;
    public Flow Error;
    public Journal Journal;
    public int HasEnded;
    public int Status;
    public int IsHeld;
}

/// <summary>What a run leaves in its container's directory; mirrors struct orca_journal of Child/journal.h. Descriptors are 0 when there is none.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Journal
{
    public int Status;
    public int Directory;
    public int Log;
    public int Input;
    public long Size;
    public long Lost;
}

/// <summary>What the container prints on its way out; mirrors struct orca_flow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Flow
{
    public int From;
    public int To;
    public int Start;
    public int Length;
    public fixed byte Bytes[Keep.Room];
}

/// <summary>Why the loop has returned; mirrors enum orca_kept.</summary>
internal enum Kept
{
    /// <summary>The container has ended, and all it printed was shown.</summary>
    Ended = 0,

    /// <summary>The child has something to say.</summary>
    Report = 1,

    /// <summary>The time is over.</summary>
    Timeout = 2,
}
