using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>The error about a path of this machine that is to be mounted and cannot be found.</summary>
public static class MissingSource
{
    /// <summary>What to say beside the cause; a directory is proposed only where one can be made and would be of use.</summary>
    /// <remarks>
    /// A name with a dot is a file's or a socket's, as <c>agent.1234</c> and <c>docker.sock</c>, and below /run, /dev, /proc and /sys a program or the kernel
    /// makes what is there: an empty directory in its place would hide that it is missing.
    /// </remarks>
    /// <param name="source">The path (<see cref="NativeText"/>).</param>
    /// <param name="errno">Why it cannot be opened.</param>
    public static string? Hint(string source, Errno errno) => errno switch
    {
        Errno.ENOENT when IsDangling(source) => "correct the path, or the symbolic link that is there: it leads nowhere",
        Errno.ENOENT when MayBeDirectory(source) && ShellWords.Join("mkdir", "-p", source) is { } command => $"correct the path, or make a new directory there: {command}",
        Errno.ENOENT => "correct the path, or start what makes the file or socket there",
        Errno.ENOTDIR => "correct the path: it leads through something that is not a directory",
        Errno.EACCES => "you may not look into a directory on that path; choose another, or ask its owner",
        _ => null,
    };

    private static bool IsDangling(string source) => FileSystem.TryStatus(null, PathZ.From(NativeText.Encode(source)), out _) == Errno.None;

    private static bool MayBeDirectory(string source)
    {
        var path = CleanPath.Of(source);
        var name = path[(path.LastIndexOf('/') + 1)..].TrimStart('.');
        return !name.Contains('.', StringComparison.Ordinal) && !IsOfPrograms(path) && CanBeMade(path);
    }

    private static bool IsOfPrograms(string path)
    {
        if (path.Contains("-unix/", StringComparison.Ordinal) || Environment.GetEnvironmentVariables().Values.Cast<string>().Contains(path))
        {
            return true; // /tmp/.X11-unix/X0, or a socket that a variable names, as SSH_AUTH_SOCK does
        }

        foreach (var place in (string[])["/run/", "/var/run/", "/dev/", "/proc/", "/sys/"])
        {
            if (path.StartsWith(place, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the nearest directory above that exists lets this process make another in it.</summary>
    private static bool CanBeMade(string path)
    {
        for (var end = path.LastIndexOf('/'); end >= 0; end = end == 0 ? -1 : path.LastIndexOf('/', end - 1))
        {
            var parent = PathZ.From(NativeText.Encode(end == 0 ? "/" : path[..end]));
            if (FileSystem.TryStatus(null, parent, out _) == Errno.None)
            {
                return FileSystem.TryAccess(parent, write: true) == Errno.None;
            }
        }

        return false;
    }
}
