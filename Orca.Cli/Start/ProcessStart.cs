using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orca.Cli.Start;

/// <summary>The C code that runs before the runtime (start.c); linked into the published binary only.</summary>
internal static partial class ProcessStart
{
    /// <summary>Says that Main was reached: until then an end of the process is told as a failure of the runtime to start.</summary>
    /// <remarks>A no-op on the JIT, where start.c is not linked in.</remarks>
    internal static void Done()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            Started();
        }
    }

    [LibraryImport("orca_start", EntryPoint = "orca_started")]
    [SuppressGCTransition]
    private static partial void Started();
}
