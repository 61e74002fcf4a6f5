using System.Diagnostics;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A command line about to be run: as the ordinary account unless told otherwise, with no environment but what is given.</summary>
internal sealed class Command(string program, params IEnumerable<string> arguments)
{
    private readonly List<string> _line = [program, .. arguments];
    private readonly Dictionary<string, string> _environment = new() { ["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" };
    private readonly List<string> _before = [];
    private bool _asCaller = !Environment.IsPrivilegedProcess;
    private string _directory = "/";
    private string _user = World.User;
    private string _group = World.User;
    private byte[] _input = [];
    private double _seconds = 60;

    public Command AsCaller()
    {
        _asCaller = true;
        return this;
    }

    /// <summary>As another account than the usual one.</summary>
    public Command As(string user, string? group = null)
    {
        (_user, _group) = (user, group ?? user);
        return this;
    }

    public Command In(string directory)
    {
        _directory = directory;
        return this;
    }

    public Command With(string name, string value)
    {
        _environment[name] = value;
        return this;
    }

    public Command Input(byte[] bytes)
    {
        _input = bytes;
        return this;
    }

    public Command Within(double seconds)
    {
        _seconds = seconds;
        return this;
    }

    /// <summary>Puts a program in front that root runs before the account is entered, as unshare.</summary>
    public Command Under(params string[] before)
    {
        _before.AddRange(before);
        return this;
    }

    /// <summary>The whole command line, for a terminal to run.</summary>
    public List<string> Line => [.. _before, .. _asCaller ? [] : (string[])["setpriv", "--reuid", _user, "--regid", _group, "--clear-groups", "--"], .. _line];

    public IReadOnlyDictionary<string, string> Variables => _environment;

    public Outcome Run()
    {
        using var running = Start();
        running.Feed(_input);
        return running.Wait(_seconds);
    }

    /// <summary>Starts it and leaves its standard input open.</summary>
    public Running Start()
    {
        var line = Line;
        var start = new ProcessStartInfo(line[0], line.Skip(1))
        {
            WorkingDirectory = _directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        TestContext.Out.WriteLine(string.Join(' ', _line));
        return new Running(Process.Start(start)!);
    }
}
