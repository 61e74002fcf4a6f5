using System.Collections;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Manifests;

namespace Orca.Registry.Store;

/// <summary>Reads a published image. What is not whole is no image.</summary>
internal sealed class ImageReader(StoreRoot store, Func<Digest, List<ImageReference>> namesOf)
{
    internal const string RootfsName = "rootfs";
    internal const string ConfigName = "config.json";

    /// <summary>The image of a digest; null when there is none, or what is there is damaged.</summary>
    internal StoredImage? Read(Digest digest)
    {
        if (store.TryOpen() is not { } root)
        {
            return null;
        }

        var path = StorePaths.Image(digest);
        if (StoreDirectory.TryRead(root, $"{path}/{ImageRecord.FileName}", ImageRecord.MaxLength) is not { } recordBytes
            || ImageRecord.Read(recordBytes) is not { } record
            || StoreDirectory.TryRead(root, $"{path}/{ConfigName}", DocumentLimits.Stored.Bytes) is not { } configBytes
            || ReadConfig(configBytes) is not { } config
            || !HasTree(root, $"{path}/{RootfsName}"))
        {
            return null;
        }

        return new StoredImage
        {
            Digest = digest,
            Config = config,
            Rootfs = $"{path}/{RootfsName}",
            Store = store.IsReadOnly ? store.Path : null,
            References = new NamesWhenAsked(namesOf, digest),
            Size = record.Size,
            Pulled = record.Pulled,
        };
    }

    /// <summary>Whether the tree is there, and can be entered. What lies in it is the check's.</summary>
    private bool HasTree(Fd root, string path) => store.IsReadOnly
        ? FileSystem.TryStatus(root, PathZ.From(path), out var status) == Errno.None && status.IsDirectory
        : DamagedPath.IsUsable(root, path, FileKind.Directory);

    /// <summary>True when there is an image of this digest, be it damaged.</summary>
    internal bool IsThere(Digest digest) => store.TryOpen() is { } root && StoreDirectory.Exists(root, StorePaths.Image(digest));

    /// <summary>Whether the bytes are a config.</summary>
    internal static bool IsConfig(byte[] bytes) => ReadConfig(bytes) is not null;

    private static ImageConfig? ReadConfig(byte[] bytes)
    {
        try
        {
            return ImageConfigReader.Read(bytes, DocumentLimits.Stored);
        }
        catch (ContentException)
        {
            return null;
        }
    }

    /// <summary>An image's names, read when somebody asks: a run does not, and should not pay for it.</summary>
    private sealed class NamesWhenAsked(Func<Digest, List<ImageReference>> namesOf, Digest digest) : IReadOnlyList<ImageReference>
    {
        private List<ImageReference>? _list;

        public int Count => List.Count;

        private List<ImageReference> List => _list ??= namesOf(digest);

        public ImageReference this[int index] => List[index];

        public IEnumerator<ImageReference> GetEnumerator() => List.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
