using Orca.Core.Linux;
using Orca.Registry.Layers.Spill;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Visits a tree depth first, names in the order of their bytes, following nothing.</summary>
/// <remarks>
/// After <see cref="Next"/> says true there is either an entry (a directory's comes before what is in it) or, with <see cref="IsLeaving"/>, the end
/// of a directory that was entered. At any depth with few descriptors: above <see cref="MaxOpen"/> levels only the innermost stays open, and
/// the way back is <c>..</c>, believed when it leads to the inode that was left.
/// </remarks>
internal sealed class TreeWalker : IDisposable
{
    private const int MaxOpen = 64;

    private readonly Stack<Level> _levels = new();
    private readonly SpillSorter _sorter;
    private readonly SpillStack _ahead;
    private readonly List<byte[]> _names = [];
    private bool _isToEnter;

    /// <summary>Starts at a directory, which stays the caller's and is no entry itself.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="space">Where names wait for their turn; in memory when nothing else is said.</param>
    internal TreeWalker(Fd root, SpillSpace? space = null)
    {
        space ??= SpillSpace.Unlimited;
        (_sorter, _ahead) = (new SpillSorter(space, descending: true), new SpillStack(space));
        Enter(FileSystem.OpenDirectory(root, PathZ.OfTerminated(".\0"u8)));
    }

    /// <summary>The directory that holds the entry.</summary>
    internal Fd Directory => _levels.Peek().Directory!;

    /// <summary>The entry's name.</summary>
    internal byte[] Name { get; private set; } = [];

    /// <summary>The entry's status.</summary>
    internal FileStatus Status { get; private set; }

    /// <summary>True at the end of a directory.</summary>
    internal bool IsLeaving { get; private set; }

    /// <summary>The entry's path, relative to the root.</summary>
    internal byte[] Path => Joined([.. _names, Name]);

    /// <summary>The next entry or end; false at the end of the whole.</summary>
    /// <exception cref="LinuxException">A directory cannot be read.</exception>
    internal bool Next()
    {
        if (_isToEnter)
        {
            _isToEnter = false;
            var child = FileSystem.OpenDirectory(Directory, PathZ.From(Name));
            _names.Add(Name);
            Enter(child);
        }

        var level = _levels.Peek();
        if (_ahead.Height > level.Base)
        {
            Name = _ahead.Pop();
            Status = FileSystem.Status(level.Directory, PathZ.From(Name));
            IsLeaving = false;
            _isToEnter = Status.IsDirectory;
            return true;
        }

        IsLeaving = true;
        return _levels.Count > 1 && Leave();
    }

    /// <summary>Does not enter the directory that was just visited.</summary>
    internal void Skip() => _isToEnter = false;

    public void Dispose()
    {
        foreach (var level in _levels)
        {
            level.Directory?.Dispose();
        }

        _sorter.Dispose();
        _ahead.Dispose();
    }

    internal static byte[] Joined(IReadOnlyList<byte[]> names)
    {
        var path = new List<byte>();
        foreach (var name in names)
        {
            path.AddRange(path.Count > 0 ? "/"u8 : []);
            path.AddRange(name);
        }

        return [.. path];
    }

    private void Enter(Fd directory)
    {
        try
        {
            var level = new Level(directory, _ahead.Height);
            foreach (var (name, _) in DirectoryReader.Read(directory))
            {
                _sorter.Add(name);
            }

            foreach (var name in _sorter.Drain())
            {
                _ahead.Push(name);
            }

            if (_levels.Count >= MaxOpen)
            {
                _levels.Peek().Close();
            }

            _levels.Push(level);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private bool Leave()
    {
        using var left = _levels.Pop().Directory;
        Name = _names[^1];
        _names.RemoveAt(_names.Count - 1);
        _levels.Peek().Reopen(left!);
        return true;
    }

    private sealed class Level(Fd directory, long height)
    {
        private (ulong Device, ulong Inode) _identity;

        internal Fd? Directory { get; private set; } = directory;

        /// <summary>How high the names of the levels above it are stacked.</summary>
        internal long Base => height;

        internal void Close()
        {
            var status = FileSystem.Status(Directory!);
            _identity = (status.Device, status.Inode);
            Directory!.Dispose();
            Directory = null;
        }

        internal void Reopen(Fd below)
        {
            if (Directory is not null)
            {
                return;
            }

            Directory = FileSystem.Open(below, PathZ.OfTerminated("..\0"u8), O_RDONLY | O_DIRECTORY);
            var status = FileSystem.Status(Directory);
            if ((status.Device, status.Inode) != _identity)
            {
                throw new LinuxException("return to", "..", Errno.ESTALE);
            }
        }
    }
}
