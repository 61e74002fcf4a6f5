using Orca.Core.Linux;

namespace Orca.Cli.Parsing;

/// <summary>The variables of the user's shell, for <c>-e NAME</c>; read as bytes, and only when asked for.</summary>
internal sealed class HostEnvironment(Func<IReadOnlyList<byte[]>> read)
{
    private IReadOnlyList<byte[]>? _variables;

    /// <summary>All variables, <c>NAME=value</c>.</summary>
    public IReadOnlyList<byte[]> Variables => _variables ??= read();

    /// <summary>The value as <see cref="NativeText"/>; null when it is not set, or is one of orca's own (<see cref="FindOwn"/>).</summary>
    public string? Find(string name) => name is Process.Handoff.PulledVariable or NamedFiles.Variable or DetachedStart.Variable ? null : FindRaw(name);

    /// <summary>Returns the value of a variable that one life of the process leaves to the next; null when it is not set.</summary>
    /// <remarks>It is asked for by its managed name first: to read all variables as bytes, a file is opened.</remarks>
    public string? FindOwn(string name) => Environment.GetEnvironmentVariable(name) is null ? null : FindRaw(name);

    private string? FindRaw(string name)
    {
        var wanted = NativeText.Encode(name);
        foreach (var variable in Variables)
        {
            if (variable.Length > wanted.Length && variable[wanted.Length] == '=' && variable.AsSpan().StartsWith(wanted))
            {
                return NativeText.Decode(variable.AsSpan(wanted.Length + 1));
            }
        }

        return null;
    }
}
