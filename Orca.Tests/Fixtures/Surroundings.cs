using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orca.Tests.Fixtures;

/// <summary>Resets what the test process inherited from the caller: variables, umask, ignored signals. The processes that tests start inherit it from here.</summary>
/// <remarks>
/// For <c>dotnet test</c> by hand. <c>make test</c> runs under <c>.ci/plain</c> besides, which also resets what a process cannot reset in itself: signals that are
/// blocked in threads already started, descriptors, the terminal, logins of the machine.
/// </remarks>
internal static partial class Surroundings
{
    private const int IgnoredByTheRuntime = 13; // SIGPIPE, which each .NET process ignores

    /// <summary>Variables that stay: what finds .NET and its packages, and what tells the tests what to do.</summary>
    private static readonly string[] s_kept = ["DOTNET_", "NUGET_", "MSBUILD", "VSTEST_", "ORCA_TEST_", "ORCA_FIXTURES", "ORCA_ACCEPT", "ORCA_UPDATE_GOLDENS", "CsCheck_"];

    private static readonly Dictionary<string, string> s_caller = [];

    /// <summary>A variable as the caller has it, for a tool of the build machine.</summary>
    public static string? Caller(string name) => s_caller.GetValueOrDefault(name);

#pragma warning disable CA2255 // a library must not do this; nobody uses this one as a library
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Reset()
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var (name, value) = ((string)variable.Key, (string?)variable.Value ?? "");
            s_caller[name] = value;
            if (!s_kept.Any(kept => name.StartsWith(kept, StringComparison.Ordinal)))
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }

        // A home that is not there: no test may depend on the files of the one who runs it.
        Environment.SetEnvironmentVariable("HOME", "/nonexistent");
        Environment.SetEnvironmentVariable("LANG", "C.UTF-8");
        Environment.SetEnvironmentVariable("PATH", $"{Caller("PATH")}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".TrimStart(':'));
        _ = umask(0x12); // 022
        foreach (var signal in IgnoredSignals())
        {
            signal_(signal, 0);
        }
    }

    /// <summary>The signals that this process ignores, as nohup, '&amp;' and timeout make their children do.</summary>
    private static IEnumerable<int> IgnoredSignals()
    {
        var line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        var mask = Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16);
        return Enumerable.Range(1, 64).Where(signal => signal != IgnoredByTheRuntime && (mask & (1UL << (signal - 1))) != 0);
    }

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint signal_(int signal, nint handler);
}
