namespace Orca.Core.Containers;

/// <summary>A command that is to run in a container beside what runs there.</summary>
public sealed record ExecRequest
{
    /// <summary>The program, looked up in the container, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Variables as <c>NAME=value</c>, over those of the container's run.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Where the command starts; null for where the container's did.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c>, ... by the container's own files; null for the container's user.</summary>
    public string? User { get; init; }

    /// <summary>Give the command a pseudo-terminal of the container's; null: where standard input, output and error are terminals, and <see cref="Interactive"/> says nothing.</summary>
    public bool? Terminal { get; init; }

    /// <summary>Pass standard input on; null: unless it is a terminal and the command has none.</summary>
    public bool? Interactive { get; init; }

    /// <summary>True: nobody waits for the command. It has no streams, and ends by itself or with the container.</summary>
    public bool Detached { get; init; }
}
