using System.Globalization;

namespace Orca.Sandbox.Planning;

/// <summary>Enters the control group of a container, which is limited as a whole: nothing of the command is outside of that for a moment.</summary>
internal sealed record EnterGroup(string Path) : Step
{
    public override string ToString() => $"enter control group {Q(Path)}";
}

/// <summary>Standard input, output and error are nothing.</summary>
internal sealed record DiscardStreams : Step
{
    public override string ToString() => "open /dev/null as standard input, output and error";
}

/// <summary>Becomes the joiner, a program of a few pages from a sealed memory file: from here on nothing of orca's memory is left, and no descriptor but those of the start.</summary>
internal sealed record StartJoiner : Step
{
    public override string ToString() => "become the joiner, which shares no memory with orca and cannot be looked into";
}

/// <summary>Enters namespaces of a container's first process, by its descriptor (setns(2)). Root and working directory are the container's then.</summary>
/// <param name="Namespaces">Which ones.</param>
/// <param name="Process">That process, for the reader; the descriptor was opened before, and is no other's.</param>
/// <param name="KeepsProc">True: the host's /proc is held by a descriptor for <see cref="MakeUserSpace"/>.</param>
internal sealed record JoinNamespaces(NamespaceKinds Namespaces, int Process, bool KeepsProc) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"join the namespaces of process {Process}: {Namespaces.ToString().ToLowerInvariant()}");
}

/// <summary>Makes a user namespace in the container's, where its one id is another user; by a helper that holds nothing and has no id in the container.</summary>
internal sealed record MakeUserSpace(uint Uid, uint Gid) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"make a user namespace with user {Uid} and group {Gid} alone");
}

/// <summary>Goes on as another process, which has an id in the container; its parent is orca. The joiner ends.</summary>
internal sealed record EnterContainer : Step
{
    public override string ToString() => "go on as a process of the container";
}

/// <summary>Owners that one id cannot have are noted in attributes of the files alone: the table for links and their like is the first process's.</summary>
internal sealed record NoteOwnersInFiles : Step
{
    public override string ToString() => "note owners of files and directories in their attributes";
}

/// <summary>Enters the namespace of <see cref="MakeUserSpace"/>.</summary>
internal sealed record EnterUserSpace(uint Uid, uint Gid) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"become user {Uid}, group {Gid}");
}

/// <summary>Opens a pseudo-terminal of the container's, whatever it has at that path, and hands its master to the parent.</summary>
internal sealed record OpenTerminalInside(TerminalFacts Terminal) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"open a terminal of {Terminal.Rows} rows and {Terminal.Columns} columns in /dev/pts, hand its master out");
}
