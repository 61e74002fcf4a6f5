using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Hello;

/// <summary>A store of one process, on the file system of the user's store, whose own content it does not touch.</summary>
/// <remarks>
/// A store of its own lets two of them run at once, and lets everything go. It lies inside the user's store where there is one, else beside
/// the place where it would be: a directory that is no store yet must not get content that is not a store's.
/// </remarks>
internal sealed class TemporaryStore : IDisposable
{
    private const string Prefix = "hello-";
    private const uint Private = 0b111_000_000; // 0700
    private readonly List<string> _made = [];

    /// <summary>Finds a place; nothing is made yet but the directories above it.</summary>
    /// <param name="root">Where the user's store lies or would lie.</param>
    /// <exception cref="StoreException">A directory cannot be made.</exception>
    public TemporaryStore(string root)
    {
        root = System.IO.Path.GetFullPath(root).TrimEnd('/');
        var start = Directory.Exists(root) ? $"{root}/{Prefix}" : $"{root}.{Prefix}";
        Sweep(start);
        MakeParents(start);
        Path = start + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The store's root.</summary>
    public string Path { get; }

    /// <summary>Deletes the store, and the directories above it that were made for it and are empty.</summary>
    /// <exception cref="StoreException">Something could not be deleted.</exception>
    public void Delete()
    {
        try
        {
            DeleteTree(Path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"cannot delete '{Quoted.Text(Path)}'", ShellWords.Join("rm", "-rf", Path) is { } command ? $"nothing but this run's own files is in it; delete it by hand: {command}" : null, failure);
        }

        foreach (var directory in _made)
        {
            if (FileSystem.TryUnlink(null, PathZ.From(directory), directory: true) != Errno.None)
            {
                return; // somebody else uses it by now
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Delete();
        }
        catch (StoreException)
        {
            // The first failure is on its way to the user; the next hello sweeps.
        }
    }

    private void MakeParents(string start)
    {
        for (var missing = System.IO.Path.GetDirectoryName(start); missing is not null && !Directory.Exists(missing); missing = System.IO.Path.GetDirectoryName(missing))
        {
            _made.Add(missing);
        }

        for (var i = _made.Count - 1; i >= 0; i--)
        {
            var error = FileSystem.TryMakeDirectory(null, PathZ.From(_made[i]), Private);
            if (error is not (Errno.None or Errno.EEXIST))
            {
                throw new StoreException($"cannot make directory '{Quoted.Text(_made[i])}': {error.Describe()}", "place the store elsewhere with --root or ORCA_ROOT");
            }
        }
    }

    /// <summary>Removes what an earlier process left when it was killed.</summary>
    private static void Sweep(string start)
    {
        var above = System.IO.Path.GetDirectoryName(start)!;
        if (!Directory.Exists(above))
        {
            return;
        }

        try
        {
            foreach (var path in Directory.GetDirectories(above, System.IO.Path.GetFileName(start) + "*"))
            {
                if (int.TryParse(path.AsSpan(start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    && (id == Environment.ProcessId || !Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}"))))
                {
                    DeleteTree(path);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // An old one that will not go is no reason to fail; where it is in the way, the store says so.
        }
    }

    private static void DeleteTree(string path)
    {
        if (Directory.Exists(path))
        {
            using var above = FileSystem.OpenDirectory(null, PathZ.From(System.IO.Path.GetDirectoryName(path)!));
            Unlock(above, path);
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>The kernel leaves an overlay's scratch directory without any permission.</summary>
    private static void Unlock(Fd above, string directory)
    {
        _ = FileSystem.TrySetMode(above, PathZ.From(directory), Private);
        foreach (var below in new DirectoryInfo(directory).EnumerateDirectories())
        {
            if (below.LinkTarget is null)
            {
                Unlock(above, below.FullName);
            }
        }
    }
}
