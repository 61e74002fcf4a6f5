using System.Runtime.InteropServices;

namespace Orca.Sandbox.Launch;

/// <summary>The C program of Child/: linked in by Native AOT, loaded as liborca_child.so on the JIT.</summary>
internal static unsafe partial class ChildLibrary
{
    private const string Library = "orca_child";

    /// <summary>Clones a process into new namespaces and lets it walk the program. Its pid, or a negative errno.</summary>
    [LibraryImport(Library, EntryPoint = "orca_launch")]
    internal static partial nint Launch(ChildProgram* program, ulong namespaces, int* pidfd);

    /// <summary>The program that is PID 1 and the keeper, as a memory file that nobody can change, close-on-exec; or a negative errno.</summary>
    [LibraryImport(Library, EntryPoint = "orca_open_stub")]
    internal static partial int OpenStub();

    /// <summary>Runs a program to its end, its output and errors going to two descriptors: its status as waitpid(2) gives it, or a negative errno.</summary>
    [LibraryImport(Library, EntryPoint = "orca_run")]
    internal static partial int Run(byte* path, byte** arguments, byte** environment, int output, int errors);

    /// <summary>Makes the socket by which a detached container takes input, in a directory; or a negative errno.</summary>
    [LibraryImport(Library, EntryPoint = "orca_open_input")]
    internal static partial int OpenInput(int directory);

    /// <summary>Writes the time into a run's status: its start when the exit status is below 0, else its end.</summary>
    [LibraryImport(Library, EntryPoint = "orca_write_status")]
    internal static partial void WriteStatus(Journal* journal, int status);

    /// <summary>Stays beside a container until there is something to do.</summary>
    [LibraryImport(Library, EntryPoint = "orca_keep")]
    internal static partial Kept Keep(Keep* keep, long milliseconds);

    /// <summary>Becomes another program, all signals blocked. Returns a negative errno if it could not.</summary>
    [LibraryImport(Library, EntryPoint = "orca_become")]
    internal static partial nint Become(int program, byte** arguments, byte** environment);

    /// <summary>0 when standard input is a terminal that another job has.</summary>
    [LibraryImport(Library, EntryPoint = "orca_in_foreground")]
    internal static partial int InForeground();

    /// <summary>Makes the caller's terminal raw, unless it is another job's or there is none.</summary>
    [LibraryImport(Library, EntryPoint = "orca_take_terminal")]
    internal static partial void TakeTerminal(Keep* keep);

    /// <summary>Gives the caller's terminal the modes back that it had.</summary>
    [LibraryImport(Library, EntryPoint = "orca_give_terminal")]
    internal static partial void GiveTerminal(Keep* keep);

    /// <summary>From now on writes the number of each signal of the mask as one byte to a descriptor. Returns those that were not ignored and so are caught.</summary>
    [LibraryImport(Library, EntryPoint = "orca_catch_signals")]
    internal static partial ulong CatchSignals(ulong mask, int descriptor);

    /// <summary>Gives the signals of the mask their default action again.</summary>
    [LibraryImport(Library, EntryPoint = "orca_release_signals")]
    internal static partial void ReleaseSignals(ulong mask);

    /// <summary>Sizes and offsets of the C structures, for a test of <see cref="Operation"/> and its neighbours.</summary>
    [LibraryImport(Library, EntryPoint = "orca_layout")]
    internal static partial uint Layout(uint what);
}
