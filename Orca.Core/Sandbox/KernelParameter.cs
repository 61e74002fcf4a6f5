using Orca.Core.Errors;

namespace Orca.Core.Sandbox;

/// <summary>A kernel parameter that a container can have for itself (sysctl(8), namespaces(7)).</summary>
public static class KernelParameter
{
    private const string Network = "net.";

    private static readonly string[] s_communication =
        ["kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced", "fs.mqueue."];

    /// <summary>Whether the parameter is of the network namespace.</summary>
    public static bool IsNetwork(string setting) => setting.StartsWith(Network, StringComparison.Ordinal);

    /// <summary>Returns the text when it sets a parameter of a namespace that a container can have, as <c>NAME=VALUE</c>.</summary>
    /// <exception cref="ReferenceException">It does not.</exception>
    public static string Check(string setting)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new ReferenceException($"cannot use option '--sysctl': '{Quoted.Text(setting)}' is not NAME=VALUE");
        }

        var name = setting[..equals];
        var isPlain = name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-') && !name.Contains("..", StringComparison.Ordinal);
        return isPlain && (IsNetwork(setting) || Array.Exists(s_communication, known => known.EndsWith('.') ? name.StartsWith(known, StringComparison.Ordinal) : name == known))
            ? setting
            : throw new ReferenceException($"cannot use option '--sysctl': '{Quoted.Text(name)}' is not a parameter of a container's own network or IPC, but of the whole machine");
    }
}
