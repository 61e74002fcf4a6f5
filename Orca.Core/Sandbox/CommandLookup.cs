using Orca.Core.Errors;

namespace Orca.Core.Sandbox;

/// <summary>Where a command may lie, as execvp(3) would look.</summary>
public static class CommandLookup
{
    /// <summary>Where a command is looked up when the environment has no PATH.</summary>
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private const string Path = "PATH=";

    /// <summary>The paths to try, in order: the name itself when it has a slash, else below each directory of PATH.</summary>
    /// <exception cref="SandboxException">There is no command, or its name is empty.</exception>
    public static IReadOnlyList<string> Candidates(IReadOnlyList<string> arguments, IReadOnlyList<string> env)
    {
        if (arguments.Count == 0)
        {
            throw new SandboxException("cannot start the container: there is no command", "give one after the image: 'orca run IMAGE COMMAND'");
        }

        var name = arguments[0];
        if (name.Length == 0)
        {
            throw new SandboxException("cannot start '': the command's name is empty") { ExitCode = 127 };
        }

        if (name.Contains('/', StringComparison.Ordinal))
        {
            return [name];
        }

        var search = DefaultPath;
        foreach (var variable in env)
        {
            if (variable.StartsWith(Path, StringComparison.Ordinal))
            {
                search = variable[Path.Length..];
            }
        }

        var directories = search.Split(':');
        var candidates = new string[directories.Length];
        for (var i = 0; i < directories.Length; i++)
        {
            candidates[i] = (directories[i].Length == 0 ? "." : directories[i]) + "/" + name;
        }

        return candidates;
    }
}
