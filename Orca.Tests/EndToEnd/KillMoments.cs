namespace Orca.Tests.EndToEnd;

/// <summary>The moments at which a command can be killed: its system calls that write to the store, in their order.</summary>
internal static class KillMoments
{
    /// <summary>The calls that change something, as strace names them.</summary>
    public const string Calls = "openat,mkdirat,unlinkat,renameat,renameat2,linkat,symlinkat,write,pwrite64,ftruncate,fchmod,fchmodat,utimensat,fsetxattr,fsync,syncfs,flock";

    /// <summary>Runs the command once and lists its calls: name, and how many of that name its thread has made then, which is what strace counts.</summary>
    public static List<(string Call, int At)> Of(Home home, string[] line)
    {
        var trace = Path.Combine(home.Directory, "trace");
        home.Program("strace", ["-f", "-y", "-qq", "-e", "trace=" + Calls, "-o", trace, Program(line), .. line]).Run().Succeeds();
        var made = new Dictionary<string, int>(StringComparer.Ordinal);
        var moments = new List<(string Call, int At)>();
        foreach (var text in File.ReadLines(trace).Where(static text => !text.Contains(" resumed>", StringComparison.Ordinal) && text.Contains('(', StringComparison.Ordinal)))
        {
            var call = text[..text.IndexOf('(', StringComparison.Ordinal)];
            made[call] = made.GetValueOrDefault(call) + 1;
            if (text.Contains("/.local/share/orca", StringComparison.Ordinal))
            {
                moments.Add((call.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], made[call]));
            }
        }

        return [.. moments.Distinct()];
    }

    /// <summary>The command line that does something to it at calls of these names, as <c>signal=KILL:when=3</c>.</summary>
    public static string[] Strace(string calls, string fault, string[] line) =>
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e", $"inject={calls}:{fault}", Program(line), .. line];

    /// <summary>What is the network half's the front unpacks with hundreds of writes first.</summary>
    private static string Program(string[] line) => line[0] is "pull" or "create" or "rename" or "volume" or "snapshot" or "undo" or "restore" or "branch" ? World.Whole : World.Binary;
}
