using System.Diagnostics.CodeAnalysis;
using Orca.Core.Linux;

namespace Orca.Registry.Archives;

/// <summary>One directory on the way down a tree, in one or both trees of an overlay.</summary>
internal sealed class TreeLevel(byte[] name, byte[] path, Fd? upper, Fd? lower, bool isCopy = false, bool onlyChanges = false) : IDisposable
{
    private List<byte[]>? _names;
    private int _next;

    internal byte[] Name { get; } = name;

    /// <summary>Relative to the root; empty for the root.</summary>
    internal byte[] Path { get; } = path;

    /// <summary>True: the upper tree is a whole copy, and the lower one, the image's, only tells what was there before.</summary>
    internal bool IsCopy => isCopy;

    /// <summary>True: what only the lower tree has is no part of the archive.</summary>
    internal bool OnlyChanges => onlyChanges;

    /// <summary>Whose the directory is.</summary>
    internal FileOwner Owner { get; set; }

    internal bool InUpper { get; } = upper is not null;

    internal bool InLower { get; } = lower is not null;

    /// <summary>Null when the directory is not in that tree, or closed for the moment.</summary>
    internal Fd? Upper { get; private set; } = upper;

    /// <inheritdoc cref="Upper"/>
    internal Fd? Lower { get; private set; } = lower;

    internal bool IsOpen => Upper is not null || Lower is not null;

    /// <summary>The next name in it, by the order of bytes; false when there is none left. The first call lists the directory.</summary>
    internal bool TryTakeName(TreeOwners owners, [NotNullWhen(true)] out byte[]? name)
    {
        _names ??= List(owners);
        name = _next < _names.Count ? _names[_next++] : null;
        return name is not null;
    }

    /// <summary>Nothing in it is wanted.</summary>
    internal void Skip() => _names = [];

    /// <summary>Nothing in it is wanted but this name.</summary>
    internal void TakeOnly(byte[] name) => _names = [name];

    internal void Reopen(Fd? upper, Fd? lower) => (Upper, Lower) = (upper, lower);

    public void Dispose()
    {
        Upper?.Dispose();
        Lower?.Dispose();
        (Upper, Lower) = (null, null);
    }

    private List<byte[]> List(TreeOwners owners)
    {
        var names = new List<byte[]>();
        // What a copy lacks is known only from the lower names; an overlay says it by whiteouts.
        foreach (var tree in (Fd?[])[Upper, IsCopy == OnlyChanges ? Lower : null])
        {
            if (tree is not null)
            {
                names.AddRange(DirectoryReader.ReadAll(tree).Select(static entry => entry.Name));
            }
        }

        names.AddRange(InLower && !OnlyChanges ? owners.DevicesIn(Path) : []);
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        var last = 0;
        for (var i = 1; i < names.Count; i++)
        {
            if (!names[i].AsSpan().SequenceEqual(names[last]))
            {
                names[++last] = names[i];
            }
        }

        names.RemoveRange(Math.Min(last + 1, names.Count), Math.Max(names.Count - last - 1, 0));
        return names;
    }
}
