using System.Globalization;
using Orca.Core.Linux;
using Orca.Registry.Layers.Spill;

namespace Orca.Registry.Store;

/// <summary>Holds a tree on the disk against the records of it: both are sorted, so one walk through both finds every difference.</summary>
internal sealed class TreeComparison : IDisposable
{
    private readonly TreeRecordReader _records;
    private readonly FileSum _sums = new(SpillSpace.Unlimited);
    private readonly bool _isQuick;
    private readonly Action<byte[], string> _found;
    private uint _owner;

    private TreeComparison(TreeRecordReader records, bool quick, Action<byte[], string> found) =>
        (_records, _isQuick, _found) = (records, quick, found);

    /// <summary>What is said of a path whose time differs, which some file systems bring about by themselves.</summary>
    internal const string OtherTime = "was changed at another time than recorded";

    /// <summary>Reports each path that differs, and how.</summary>
    /// <returns>How many names were compared.</returns>
    internal static long Run(Fd rootfs, TreeRecordReader records, bool quick, Action<byte[], string> found, CancellationToken cancellationToken)
    {
        using var comparison = new TreeComparison(records, quick, found);
        return comparison.Run(rootfs, cancellationToken);
    }

    public void Dispose() => _sums.Dispose();

    private long Run(Fd rootfs, CancellationToken cancellationToken)
    {
        _records.TryNext();
        var own = FileSystem.Status(rootfs);
        _owner = own.Uid;
        Compare([(byte)'.'], _records.Current, own, sum: null);
        _records.TryNext();
        using var walker = new TreeWalker(rootfs);
        var compared = 0L;
        for (var more = walker.Next(); ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var expected = _records.Current;
            var isEnd = !more || walker.IsLeaving;
            var order = expected.IsEnd && isEnd ? 0 : expected.IsEnd ? 1 : isEnd ? -1 : expected.Name.AsSpan().SequenceCompareTo(walker.Name);
            if (order < 0)
            {
                _found(more && !walker.IsLeaving ? Sibling(walker.Path, expected.Name) : Below(walker, more, expected.Name), "is missing");
                SkipRecord();
                continue;
            }

            if (order > 0)
            {
                _found(walker.Path, "is not of the image");
                walker.Skip();
            }
            else if (isEnd)
            {
                if (!more)
                {
                    return compared;
                }

                _records.TryNext();
            }
            else
            {
                compared++;
                CompareEntry(walker, expected);
            }

            more = walker.Next();
        }
    }

    private void CompareEntry(TreeWalker walker, in TreeRecord expected)
    {
        var isSameKind = (expected.Mode & 0xF000) == (walker.Status.Mode & 0xF000);
        if (!isSameKind)
        {
            _found(walker.Path, $"is a {Word(walker.Status.Kind)}, not a {Word((FileKind)(expected.Mode & 0xF000))}");
            walker.Skip();
            SkipRecord();
            return;
        }

        _records.TryNext();
        if (walker.Status.Uid != _owner)
        {
            _found(walker.Path, string.Create(CultureInfo.InvariantCulture, $"belongs to user {walker.Status.Uid}"));
            return;
        }

        try
        {
            ulong? sum = _isQuick && walker.Status.Kind == FileKind.Regular ? null : _sums.Of(walker.Directory, walker.Name, walker.Status);
            Compare(walker.Path, expected, walker.Status, sum);
        }
        catch (LinuxException e) when (DamagedPath.IsAbout(e.Errno))
        {
            _found(walker.Path, $"cannot be read: {e.Errno.Describe()}");
        }
    }

    private void Compare(byte[] path, in TreeRecord expected, in FileStatus found, ulong? sum)
    {
        if (expected.Size != (found.Kind == FileKind.Regular ? found.Size : 0))
        {
            _found(path, string.Create(CultureInfo.InvariantCulture, $"has {found.Size} bytes, not {expected.Size}"));
        }
        else if (sum is { } value && value != expected.Sum)
        {
            _found(path, found.Kind == FileKind.SymbolicLink ? "points elsewhere" : "has other bytes");
        }
        else if (expected.Mode != found.Mode)
        {
            _found(path, $"has mode 0{Convert.ToString(found.Permissions, 8)}, not 0{Convert.ToString(expected.Mode & 0b111_111_111_111, 8)}");
        }
        else if (expected.Modified != found.Modified)
        {
            _found(path, OtherTime);
        }
    }

    /// <summary>Goes past a record, and past all that is below it.</summary>
    private void SkipRecord()
    {
        var depth = 0;
        do
        {
            depth += _records.Current.Descent;
            _records.TryNext();
        }
        while (depth > 0);
    }

    private static byte[] Sibling(ReadOnlySpan<byte> path, byte[] name) => [.. path[..(path.LastIndexOf((byte)'/') + 1)], .. name];

    /// <summary>The path of a missing name, seen from the end of the directory it should be in.</summary>
    private static byte[] Below(TreeWalker walker, bool more, byte[] name) => more ? [.. walker.Path, (byte)'/', .. name] : name;

    private static string Word(FileKind kind) => DamagedPath.Word(kind);
}
