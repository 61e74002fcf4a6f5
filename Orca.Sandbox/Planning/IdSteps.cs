using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Sandbox.SubIds;

namespace Orca.Sandbox.Planning;

/// <summary>Waits until the parent has had the maps of many ids written (newuidmap(1), newgidmap(1)): the caller becomes root, the subordinate ids follow.</summary>
internal sealed record MapRanges(uint Uid, uint Gid, SubordinateIds Ids) : Step
{
    public override string ToString() => $"map users {Map(Uid, Ids.Users)}; groups {Map(Gid, Ids.Groups)}; by newuidmap and newgidmap";

    private static string Map(uint self, IReadOnlyList<IdRange> ranges)
    {
        var text = new System.Text.StringBuilder().Append(CultureInfo.InvariantCulture, $"0 to the host's {self}");
        ulong inside = 1;
        foreach (var range in ranges)
        {
            text.Append(CultureInfo.InvariantCulture, $", {new IdRange((uint)inside, range.Count)} to {range}");
            inside += range.Count;
        }

        return text.ToString();
    }
}

/// <summary>Gives pipes that are standard streams to the command's user, who could not open /dev/stdout and its like else. Files and terminals of the host stay whose they are.</summary>
internal sealed record GiveStreams(IReadOnlyList<int> Streams, uint Uid) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"give the pipes on {string.Join(", ", Streams)} to user {Uid}");
}

/// <summary>Gives the container's terminal to the command's user.</summary>
internal sealed record GiveTerminal(uint Uid) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"give the terminal to user {Uid}");
}

/// <summary>Sets the groups, the group and the user, for good; done by the init before it starts the command.</summary>
/// <param name="Uid">User inside.</param>
/// <param name="Gid">Group inside.</param>
/// <param name="Groups">All groups, the first among them.</param>
/// <param name="Capabilities">What is left then.</param>
internal sealed record BecomeUser(uint Uid, uint Gid, IReadOnlyList<uint> Groups, CapabilitySet Capabilities) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"become user {Uid}, group {Gid}, groups {string.Join(", ", Groups)}, capabilities {Capabilities}");
}

/// <summary>Deletes a tree of the store in which files belong to subordinate ids; no container does.</summary>
/// <param name="Path">Relative to the store.</param>
/// <param name="Freed">Address of the number that the freed bytes are added to.</param>
internal sealed record DeleteTree(string Path, nint Freed) : Step
{
    public override string ToString() => $"delete {Q(Path)} with all below it";
}

/// <summary>Becomes a program of the host, which hears signals as usual, in a process group of its own; no container does.</summary>
/// <param name="Program">Its file.</param>
/// <param name="Arguments">The program's own name first.</param>
/// <param name="Variables">Its environment.</param>
internal sealed record BecomeProgram(string Program, IReadOnlyList<byte[]> Arguments, IReadOnlyList<byte[]> Variables) : Step
{
    public override string ToString() => $"execute '{Quoted.Text(Program)}'";
}
