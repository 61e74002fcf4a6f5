using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Tests.Fixtures;

/// <summary>A tree on disk as lines that a test can compare: kind, mode, path, and what is in it.</summary>
internal static class TreeListing
{
    /// <summary>Paths without a leading slash; <c>.</c> is the root. Values such as <c>f 644 text</c>, <c>d 755</c>, <c>l target</c>, <c>p 644</c>.</summary>
    internal static SortedDictionary<string, string> Read(string root)
    {
        var tree = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var top = FileSystem.OpenDirectory(null, PathZ.From(root));
        tree["."] = Describe(top, PathZ.From("."), FileSystem.Status(top));
        Add(top, "", tree);
        return tree;
    }

    /// <summary>All that can be told of a tree: as <see cref="Read"/>, with times, names of one inode, and extended attributes.</summary>
    internal static List<string> ReadExactly(string root)
    {
        var firstNames = new Dictionary<ulong, string>();
        using var top = FileSystem.OpenDirectory(null, PathZ.From(root));
        return [.. Read(root).Where(static entry => entry.Key.Length < 4000 /* one path for the kernel */).Select(entry =>
        {
            var path = PathZ.From(NativeText.Encode(entry.Key));
            var status = FileSystem.Status(top, path);
            firstNames.TryAdd(status.Inode, entry.Key);
            var xattrs = status.Kind is FileKind.Regular or FileKind.Directory ? string.Join(' ', Xattrs(top, path)) : "";
            return $"{entry.Key} {entry.Value} at {status.Modified} is {(status.IsDirectory ? "" : firstNames[status.Inode])} has {xattrs}";
        })];
    }

    private static List<string> Xattrs(Fd top, PathZ path)
    {
        using var file = FileSystem.Open(top, path, O_RDONLY | O_NOFOLLOW);
        return [.. FileSystem.ListXattrs(file).Select(name => $"{NativeText.Decode(name)}={Convert.ToHexString(FileSystem.GetXattr(file, PathZ.From(name)) ?? [])}").Order(StringComparer.Ordinal)];
    }

    /// <summary>Only the paths.</summary>
    internal static string Paths(string root) => string.Join(' ', Read(root).Keys.Where(path => path != "."));

    internal static FileStatus Status(string root, string path)
    {
        using var top = FileSystem.OpenDirectory(null, PathZ.From(root));
        return FileSystem.Status(top, PathZ.From(NativeText.Encode(path)));
    }

    internal static byte[]? Xattr(string root, string path, string name)
    {
        using var top = FileSystem.OpenDirectory(null, PathZ.From(root));
        using var file = FileSystem.Open(top, PathZ.From(path), O_RDONLY | O_NOFOLLOW);
        return FileSystem.GetXattr(file, PathZ.From(name));
    }

    private static void Add(Fd directory, string prefix, SortedDictionary<string, string> tree)
    {
        foreach (var (bytes, _) in DirectoryReader.ReadAll(directory))
        {
            var name = PathZ.From(bytes);
            var path = prefix + NativeText.Decode(bytes);
            var status = FileSystem.Status(directory, name);
            tree[path] = Describe(directory, name, status);
            if (status.IsDirectory)
            {
                using var child = FileSystem.OpenDirectory(directory, name);
                Add(child, path + "/", tree);
            }
        }
    }

    private static string Describe(Fd directory, PathZ name, FileStatus status)
    {
        var mode = Convert.ToString(status.Permissions, 8);
        switch (status.Kind)
        {
            case FileKind.Directory:
                return $"d {mode}";
            case FileKind.SymbolicLink:
                return $"l {NativeText.Decode(FileSystem.ReadLink(name, directory))}";
            case FileKind.Fifo:
                return $"p {mode}";
            case FileKind.Regular:
                using (var file = FileSystem.Open(directory, name, O_RDONLY | O_NOFOLLOW))
                {
                    return status.Size > 1 << 20 ? $"f {mode} ({status.Size} bytes)" : $"f {mode} {NativeText.Decode(FileSystem.ReadAll(file, 1 << 20))}";
                }

            default:
                return $"? {status.Kind} {mode}";
        }
    }
}
