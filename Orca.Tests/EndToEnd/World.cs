using System.Diagnostics;
using Orca.Tests.Architecture;

namespace Orca.Tests.EndToEnd;

/// <summary>What the end-to-end tests stand on: the published binary, an ordinary account, a directory that is its own.</summary>
/// <remarks>The binary is copied there first: the checkout may lie where the account may not look.</remarks>
internal static class World
{
    public const string Registry = "localhost:5000";
    public const string Busybox = Registry + "/busybox";
    public const string Debian = Registry + "/debian:bookworm";
    public const string Dev = Registry + "/dev";
    public const string Servers = Registry + "/servers";

    /// <summary>The account; the one who runs the tests when that is not root.</summary>
    public static string User { get; } = Environment.IsPrivilegedProcess ? "orca-test" : Environment.UserName;

    public static string Root { get; private set; } = "";

    public static string Binary => Path.Combine(Root, "orca");

    /// <summary>The program that the front carries inside: as a file of its own, so that what counts system calls does not count those of its unpacking.</summary>
    public static string Whole => Path.Combine(Root, "whole");

    /// <summary>A home whose store all tests share that only read images.</summary>
    public static Home Shared { get; private set; } = null!;

    public static string CertificateAuthority
        => Path.Combine(Environment.GetEnvironmentVariable("ORCA_FIXTURES") ?? "/var/tmp/orca-fixtures", "pki", "ca.pem");

    /// <summary>Names what the machine lacks, or null when everything is there.</summary>
    public static string? Build()
    {
        var binary = Path.Combine(Repository.Root, "dist", "orca");
        var whole = Path.Combine(Repository.Root, "artifacts", "publish", "whole", "orca");
        if (!File.Exists(binary) || !File.Exists(whole))
        {
            return "dist/orca is missing: type make";
        }

        if (Tool("curl", "-sf", "-o", "/dev/null", $"http://{Registry}/v2/").Status != 0)
        {
            return $"no registry answers at {Registry}: type make test, as root";
        }

        if (Environment.IsPrivilegedProcess && Tool("id", User).Status != 0)
        {
            return $"there is no account {User}: type make test, as root";
        }

        SweepDead();
        Root = Directory.CreateDirectory($"/var/tmp/orca-e2e-{Guid.NewGuid():N}"[..26]).FullName;
        File.SetUnixFileMode(Root, (UnixFileMode)Convert.ToInt32("755", 8));
        foreach (var (built, copy) in ((string, string)[])[(binary, Binary), (whole, Whole)])
        {
            File.Copy(built, copy);
            File.SetUnixFileMode(copy, (UnixFileMode)Convert.ToInt32("755", 8));
        }

        Shared = new Home("shared");
        return null;
    }

    /// <summary>Removes what runs left that were killed: directories of a day ago that no process has a program of.</summary>
    private static void SweepDead()
    {
        foreach (var left in Directory.GetDirectories("/var/tmp", "orca-e2e-*"))
        {
            if (Directory.GetCreationTimeUtc(left) < DateTime.UtcNow.AddDays(-1) && Processes(left).Count == 0)
            {
                Tool("rm", "-rf", left);
            }
        }
    }

    public static void Clear()
    {
        if (Root.Length > 0)
        {
            Shared.Dispose();
            Directory.Delete(Root, recursive: true);
        }
    }

    /// <summary>Runs a program of the machine as whoever runs the tests.</summary>
    public static Outcome Tool(string program, params string[] arguments)
        => new Command(program, arguments).AsCaller().Run();

    /// <summary>Runs orca as the ordinary account with the shared store.</summary>
    public static Outcome Orca(params string[] arguments) => Shared.Orca(arguments).Run();

    /// <summary>Sends a signal, as kill(1).</summary>
    public static void Kill(string signal, int process) => Tool("kill", "-" + signal, process.ToString(null, null));

    /// <summary>Ids of the processes whose command line holds the text, whoever owns them.</summary>
    public static List<int> Processes(string text)
    {
        var found = new List<int>();
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (CommandLine(process.Id).Contains(text, StringComparison.Ordinal))
                {
                    found.Add(process.Id);
                }
            }
        }

        return found;
    }

    /// <summary>Waits until it holds; says at the end whether it does.</summary>
    public static bool Eventually(Func<bool> condition, double seconds = 10)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < seconds; Thread.Sleep(20))
        {
            if (condition())
            {
                return true;
            }
        }

        return condition();
    }

    /// <summary>Waits until a process has exactly this command line.</summary>
    public static bool Runs(string line) => Eventually(() => Processes(line).Exists(process => CommandLine(process) == line + " "), 20);

    /// <summary>The command line with a space after each argument; empty when the process is gone.</summary>
    public static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }
}
