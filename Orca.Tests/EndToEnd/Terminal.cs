using System.Globalization;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A terminal with a shell in it, driven by tmux as a person would.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly Home _home;
    private readonly string _socket;

    public Terminal(Home home, int columns = 100, int rows = 30)
    {
        _home = home;
        _socket = Path.Combine(home.Directory, $"tmux-{Guid.NewGuid():N}");
        Tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", Text(columns), "-y", Text(rows),
            "env", "-i", "HOME=" + home.Directory, "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "TERM=xterm", "LC_ALL=C.UTF-8", "PS1=host> ", "orca=" + World.Binary,
            "sh").Succeeds();
        See("host>");
    }

    public string Screen => Tmux("capture-pane", "-p", "-J", "-S", "-200").Output.TrimEnd();

    /// <summary>Types the text and presses Enter.</summary>
    public Terminal Type(string text)
    {
        Tmux("send-keys", "-l", text).Succeeds();
        return Press("Enter");
    }

    /// <summary>Presses keys by their tmux names, as C-c, in one burst.</summary>
    public Terminal Press(params string[] keys)
    {
        Tmux(["send-keys", .. keys]).Succeeds();
        return this;
    }

    public Terminal Resize(int columns, int rows)
    {
        Tmux("resize-window", "-x", Text(columns), "-y", Text(rows)).Succeeds();
        return this;
    }

    /// <summary>Waits until a line of the screen is, or begins with, the text.</summary>
    public Terminal See(string line, double seconds = 20)
    {
        var seen = World.Eventually(
            () => Screen.Split('\n').Any(one => one.TrimStart().StartsWith(line, StringComparison.Ordinal)), seconds);
        Assert.That(seen, () => $"no line '{line}' on the screen:\n{Screen}");
        return this;
    }

    /// <summary>Waits until no command is in a container any more that runs on.</summary>
    public Terminal LeftExec()
    {
        Assert.That(World.Eventually(() => World.Processes(World.Binary + " exec").Count == 0, 20), "orca exec ends");
        World.Eventually(() => Screen.EndsWith("host>", StringComparison.Ordinal), 2);
        return this;
    }

    /// <summary>Waits until orca has ended: what is typed before would be the container's.</summary>
    public Terminal Ended()
    {
        Assert.That(World.Eventually(() => World.Processes(World.Binary + " run").Count == 0, 20), "orca ends");
        World.Eventually(() => Screen.EndsWith("host>", StringComparison.Ordinal), 2); // what is typed before the prompt is shown beside it
        return this;
    }

    /// <summary>Waits until a program runs: keys pressed before are not for it.</summary>
    public Terminal Running(string line)
    {
        Assert.That(World.Runs(line), () => $"'{line}' runs; the screen is:\n{Screen}");
        return this;
    }

    public Terminal Clear()
    {
        Tmux("send-keys", "-R").Succeeds();
        Tmux("clear-history").Succeeds();
        return this;
    }

    /// <remarks>What is hung up needs a moment to take its container away; the home is deleted next.</remarks>
    public void Dispose()
    {
        Tmux("kill-server");
        if (!World.Eventually(static () => World.Processes(World.Binary + " run").Count == 0, 5))
        {
            World.Processes(World.Binary + " run").ForEach(static process => World.Kill("KILL", process)); // else the next test would wait for them
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private Outcome Tmux(params string[] arguments)
        => _home.Program("tmux", ["-S", _socket, .. arguments]).With("LC_ALL", "C.UTF-8").Run();
}
