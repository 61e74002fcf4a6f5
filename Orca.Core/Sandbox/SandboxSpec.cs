using Orca.Core.Containers;

namespace Orca.Core.Sandbox;

/// <summary>Everything a sandbox is to be, decided: nothing in it is looked up again.</summary>
public sealed record SandboxSpec
{
    /// <summary>What becomes the root file system.</summary>
    public required RootFileSystem Root { get; init; }

    /// <summary>The command and its arguments; the first is looked up in the PATH of <see cref="Env"/> when it has no slash.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The command's variables, <c>NAME=value</c>, complete and without duplicates.</summary>
    public required IReadOnlyList<string> Env { get; init; }

    /// <summary>Absolute path inside; made when missing.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>User id of the command inside.</summary>
    public uint Uid { get; init; }

    /// <summary>Group id of the command inside.</summary>
    public uint Gid { get; init; }

    /// <summary>1 to 64 bytes.</summary>
    public required string Hostname { get; init; }

    /// <summary>Host paths that appear inside, in the order they are mounted.</summary>
    public IReadOnlyList<BindMount> Mounts { get; init; } = [];

    /// <summary>Small files that orca writes for the container and mounts: absolute path inside, content.</summary>
    public IReadOnlyList<GeneratedFile> Files { get; init; } = [];

    /// <summary>True: the command gets a pseudo-terminal of its own.</summary>
    public bool Terminal { get; init; }

    /// <summary>False: the command's standard input is /dev/null (or, with a terminal, nothing is ever typed).</summary>
    public bool PassInput { get; init; } = true;
}

/// <summary>A small file that orca writes for the container.</summary>
/// <param name="Path">Absolute path inside.</param>
/// <param name="Content">Its text.</param>
public sealed record GeneratedFile(string Path, string Content);
