using System.Globalization;
using System.Text;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Registry.Store;

/// <summary>The names of images: one small file each, whose first line is a digest and whose second is the name.</summary>
internal sealed class ReferenceCatalog(StoreRoot store)
{
    /// <summary>The registry of images that come from none; podman and buildah use the same word.</summary>
    internal const string LocalRegistry = "localhost";

    private const int MaxLength = 4096;
    private const int MaxFileName = 140; // eCryptfs takes no more

    /// <summary>
    /// The file that says that the directory of names was missing and made again. It is no name, so images without a name count as ones whose name cannot be
    /// read, and stay until somebody deletes it.
    /// </summary>
    internal const string LostMark = "NAMES-WERE-LOST";

    /// <summary>What a name points to; null when there is no such name.</summary>
    internal Digest? Find(ImageReference reference) =>
        store.TryOpen() is { } root && StoreDirectory.TryRead(root, Path(reference), MaxLength) is { } content
        && Read(content) is { } entry && entry.Name == reference.ToString() ? entry.Digest : null;

    /// <summary>All names, in order.</summary>
    internal List<(ImageReference Reference, Digest Digest)> All()
    {
        var all = new List<(ImageReference Reference, Digest Digest)>();
        if (store.TryOpen() is not { } root)
        {
            return all;
        }

        foreach (var name in StoreDirectory.List(root, StorePaths.References))
        {
            // What starts with a dot is on its way to become a name.
            if (name[0] != '.' && ReadFile($"{StorePaths.References}/{Encoding.UTF8.GetString(name)}") is { } entry)
            {
                all.Add(entry);
            }
        }

        all.Sort(static (a, b) => string.CompareOrdinal(a.Reference.ToString(), b.Reference.ToString()));
        return all;
    }

    /// <summary>What one file tells, by its path below the store's root; null when it is no name.</summary>
    internal (ImageReference Reference, Digest Digest)? ReadFile(string path) =>
        store.TryOpen() is { } root && StoreDirectory.TryRead(root, path, MaxLength) is { } content
        && Read(content) is { } entry && ImageReference.TryParse(entry.Name, out var reference) ? (reference, entry.Digest) : null;

    /// <summary>Whether there is a file of this name, but what it says cannot be read.</summary>
    internal bool IsDamaged(ImageReference reference) =>
        store.TryOpen() is { } root && !StoreDirectory.IsAbsent(root, Path(reference)) && ReadFile(Path(reference)) is null;

    /// <summary>
    /// Files that should be names and cannot be read, by their paths below the store's root; the directory of all names where it cannot be listed. Nobody
    /// knows which images they name.
    /// </summary>
    internal IEnumerable<string> Damaged() => store.TryOpen() is not { } root ? []
        : ProblemOfDirectory(root) is not null ? [StorePaths.References]
        : StoreDirectory.List(root, StorePaths.References).Where(static name => name[0] != '.')
            .Select(static name => $"{StorePaths.References}/{Encoding.UTF8.GetString(name)}").Where(path => ReadFile(path) is null);

    /// <summary>Why names cannot be listed, in a few words after the directory's name; null when they can.</summary>
    internal static string? ProblemOfDirectory(Fd root) => DamagedPath.Describe(root, StorePaths.References, FileKind.Directory)
        ?? (StoreDirectory.IsAbsent(root, StorePaths.References) && StoreFormat.HasImages(root) ? "is missing, and with it the names of all images" : null);

    /// <summary>The name that a file stands for by its own name; null where that is hashed, or none.</summary>
    internal static ImageReference? NameOf(string path) =>
        ImageReference.TryParse(path[(StorePaths.References.Length + 1)..].Replace('%', '/'), out var reference) && Path(reference) == path ? reference : null;

    /// <summary>The names of one image.</summary>
    internal List<ImageReference> NamesOf(Digest digest) =>
        [.. All().Where(entry => entry.Digest == digest).Select(static entry => entry.Reference)];

    /// <summary>Makes a name point to an image, durably and at one stroke.</summary>
    internal void Write(ImageReference reference, Digest digest)
    {
        DurableFile.Write(store.Open(), StorePaths.References, FileName(reference), Encoding.UTF8.GetBytes($"{digest}\n{reference}\n"));
        if (store.IsShared)
        {
            StoreSharing.OpenName(store.Open(), Path(reference));
        }
    }

    /// <summary>Takes a name away, durably.</summary>
    internal void Delete(ImageReference reference)
    {
        var root = store.Open();
        var error = FileSystem.TryUnlink(root, PathZ.From(Path(reference)));
        if (error is not (Errno.None or Errno.ENOENT) && !(error == Errno.EISDIR && DamagedPath.Clear(root, Path(reference))))
        {
            throw new LinuxException("delete", Path(reference), error);
        }

        StoreDirectory.Sync(root, StorePaths.References);
    }

    private static (string Name, Digest Digest)? Read(byte[] content)
    {
        var lines = Encoding.UTF8.GetString(content).Split('\n');
        return lines.Length == 3 && lines[2].Length == 0 && Digest.TryParse(lines[0], out var digest) ? (lines[1], digest) : null;
    }

    private static string Path(ImageReference reference) => $"{StorePaths.References}/{FileName(reference)}";

    /// <summary>The name with '%' for '/', which no reference holds; a hash where that is too long for a file.</summary>
    private static string FileName(ImageReference reference)
    {
        var text = reference.ToString();
        return text.Length <= MaxFileName ? text.Replace('/', '%') : string.Create(CultureInfo.InvariantCulture, $"%{Hash(text, 14695981039346656037):x16}{Hash(text, 1099511628211):x16}");
    }

    /// <summary>FNV-1a. Two names of one hash would only take turns, for the file tells its name; the names are the user's own.</summary>
    private static ulong Hash(string text, ulong seed)
    {
        foreach (var character in text)
        {
            seed = (seed ^ character) * 1099511628211;
        }

        return seed;
    }
}
