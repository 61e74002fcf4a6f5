using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Hello;

/// <summary>A store of one process, where the user's store lies or would lie: the same file system, but nothing in the user's own store is touched.</summary>
/// <remarks>A store of its own lets two of them run at once, and lets everything go, the directories above it too when they were not there.</remarks>
internal sealed class TemporaryStore : IDisposable
{
    private const string Prefix = "hello-";
    private readonly List<string> _made = [];

    /// <summary>Finds a place; nothing is made yet but the directories above it.</summary>
    /// <exception cref="StoreException">The directory cannot be made.</exception>
    public TemporaryStore(string? root)
    {
        var above = System.IO.Path.GetFullPath(root ?? DefaultRoot());
        Sweep(above);
        for (var missing = above; missing is not null && !Directory.Exists(missing); missing = System.IO.Path.GetDirectoryName(missing))
        {
            _made.Add(missing);
        }

        for (var i = _made.Count - 1; i >= 0; i--)
        {
            var error = FileSystem.TryMakeDirectory(null, PathZ.From(_made[i]), 0x1C0 /* 0700 */);
            if (error is not (Errno.None or Errno.EEXIST))
            {
                throw new StoreException($"cannot make directory '{Quoted.Text(_made[i])}': {error.Describe()}", "place the store elsewhere with --root or ORCA_ROOT");
            }
        }

        Path = System.IO.Path.Combine(above, Prefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
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
            throw new StoreException($"cannot delete '{Quoted.Text(Path)}'", $"delete it by hand: rm -rf '{Quoted.Text(Path)}'", failure);
        }

        foreach (var directory in _made)
        {
            try
            {
                Directory.Delete(directory);
            }
            catch (IOException)
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

    private static string DefaultRoot() =>
        Environment.GetEnvironmentVariable("ORCA_ROOT") is { Length: > 0 } root ? root
        : Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data ? System.IO.Path.Combine(data, "orca")
        : System.IO.Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", ".local/share/orca");

    /// <summary>Removes what an earlier process left when it was killed.</summary>
    private static void Sweep(string above)
    {
        if (!Directory.Exists(above))
        {
            return;
        }

        foreach (var path in Directory.GetDirectories(above, Prefix + "*"))
        {
            if (int.TryParse(System.IO.Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && (id == Environment.ProcessId || !Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}"))))
            {
                DeleteTree(path);
            }
        }
    }

    private static void DeleteTree(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
