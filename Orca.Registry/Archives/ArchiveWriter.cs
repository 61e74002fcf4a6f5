using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Store;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <summary>Writes images and containers of a store as archives.</summary>
internal sealed class ArchiveWriter(StoreRoot store, IImageStore images) : IArchiveWriter
{
    public void Save(IReadOnlyList<SavedImage> saved, ArchiveFormat format, Stream output, CancellationToken cancellationToken)
    {
        var flat = new List<(FlatImage Image, IReadOnlyList<ImageReference> Names)>();
        try
        {
            foreach (var image in saved)
            {
                // A name with a digest is not one that an archive could give to an image.
                flat.Add((FlatImage.Open(store, image.Image, cancellationToken), [.. image.Names.Where(static name => name.Digest is null)]));
            }

            Write(flat, format, output, cancellationToken);
        }
        finally
        {
            foreach (var (image, _) in flat)
            {
                image.Dispose();
            }
        }
    }

    public void Export(string container, Stream output, CancellationToken cancellationToken)
    {
        var root = store.Open();
        var record = Find(root, container) ?? throw new StoreException($"cannot export container '{Quoted.Text(container)}': there is none of that name", "'orca ps -a' lists what is there");
        if (record.Options.Security.UserNamespace == UserNamespaceMode.SubIds && CurrentUser.EffectiveUid != 0)
        {
            throw new StoreException(
                $"cannot export container '{container}': it was made with '--userns=subids', and this process may not read what belongs to its ids",
                "'orca export' can; a program of one's own runs itself with ISubIdProgram");
        }

        var image = images.Find(record.ImageDigest) ?? throw new StoreException($"cannot export container '{container}': its image {record.ImageDigest.Abbreviated} is not whole in the store");
        var (imageRoot, held) = FlatImage.Hold(store, image, cancellationToken);
        try
        {
            var table = FlatImage.ReadOwners(imageRoot, image);
            var owners = record.Options.Security.UserNamespace is UserNamespaceMode.SubIds or UserNamespaceMode.Host ? TreeOwners.OfManyIds(table) : TreeOwners.OfStore(table);
            using var view = ContainerView.Open(store, container, RememberedOwners.MaxTable);
            using var tar = new TreeTarStream(() => OpenTree(root, view, imageRoot, image, owners));
            TarArchiveWriter.Copy(tar, output, cancellationToken);
        }
        finally
        {
            FlatImage.Release(imageRoot, held);
        }

        if (Find(root, container)?.Created != record.Created)
        {
            throw new StoreException($"cannot export container '{container}': it was removed meanwhile");
        }
    }

    private static ContainerRecord? Find(Fd root, string name) => ContainerNames.IsValid(name) && ContainerCatalog.Read(root, name) is { } entry ? entry.Record : null;

    /// <summary>Opens the tree that a container sees, or only what it has changed of its image.</summary>
    internal static TreeWalker OpenTree(Fd root, ContainerView view, Fd imageRoot, StoredImage image, TreeOwners owners, bool onlyChanges = false)
    {
        var upper = view.Path is { } path ? TryOpen(root, path) : null;
        return new TreeWalker(FileSystem.Open(imageRoot, PathZ.From(image.Rootfs), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), upper, owners, isOurs: true, new RememberedOwners(view.Owners), view.IsCopy, onlyChanges);
    }

    private static Fd? TryOpen(Fd root, string path) =>
        TreeLevels.OpenReadable(root, PathZ.From(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, mayUnlock: false, NativeText.Encode(path));

    /// <summary>Both have Docker's manifest.json, without which Docker before version 25 loads nothing.</summary>
    private static void Write(List<(FlatImage Image, IReadOnlyList<ImageReference> Names)> images, ArchiveFormat format, Stream output, CancellationToken cancellationToken)
    {
        var tar = new TarArchiveWriter(output);
        var written = new HashSet<string>(StringComparer.Ordinal); // images may share a config, and a tree
        var names = format == ArchiveFormat.OciArchive ? ArchiveNames.Oci : ArchiveNames.Docker;
        if (format == ArchiveFormat.OciArchive)
        {
            tar.AddFile(TarIndex.OciLayout, """{"imageLayoutVersion":"1.0.0"}"""u8);
            tar.AddFile(TarIndex.OciIndex, LayoutIndex.Write(images));
        }

        tar.AddFile(TarIndex.DockerManifest, LayoutIndex.WriteDocker(images, names));
        foreach (var (image, _) in images)
        {
            Add(names.Config(image), image.Config);
            if (format == ArchiveFormat.OciArchive)
            {
                Add(names.Manifest(image), image.Manifest);
            }

            if (names.Layer(image) is var name && written.Add(name))
            {
                AddDirectories(name);
                using var layer = image.OpenLayer();
                tar.AddFile(name, layer, image.Layer.Size, cancellationToken);
            }
        }

        tar.End();

        void Add(string name, byte[] blob)
        {
            if (written.Add(name))
            {
                AddDirectories(name);
                tar.AddFile(name, blob);
            }
        }

        void AddDirectories(string name)
        {
            for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = name.IndexOf('/', slash + 1))
            {
                if (written.Add(name[..slash]))
                {
                    tar.AddDirectory(name[..slash]);
                }
            }
        }
    }
}
