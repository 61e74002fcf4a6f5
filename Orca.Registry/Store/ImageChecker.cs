using System.Globalization;
using System.Text.Json;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers.Reuse;
using Orca.Registry.Manifests;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>Holds one image against what the store remembers of it.</summary>
/// <param name="root">The store's root.</param>
/// <param name="digest">The image.</param>
/// <param name="found">Hears of each problem, in a few words.</param>
internal sealed class ImageChecker(Fd root, Digest digest, Action<string> found)
{
    /// <summary>The empty file in the directory of an image that a check found damaged. The next pull or load makes such an image again.</summary>
    internal const string Mark = "damaged";

    private const int MaxTold = 10; // of the problems of one tree; a disk that fails has thousands

    private readonly string _path = StorePaths.Image(digest);
    private int _differences;

    /// <summary>Checks.</summary>
    /// <returns>How many names of the tree were compared.</returns>
    internal long Run(bool quick, CancellationToken cancellationToken)
    {
        if (!CheckRecords())
        {
            return 0;
        }

        CheckDocuments();
        CheckLayers();
        try
        {
            using var rootfs = FileSystem.OpenDirectory(root, PathZ.From($"{_path}/{ImageReader.RootfsName}"));
            CheckOwners(rootfs);
            return CheckTree(rootfs, quick, cancellationToken);
        }
        catch (LinuxException e) when (!DamagedPath.IsExhaustion(e.Errno))
        {
            found($"its tree cannot be read: {e.Message}");
            return 0;
        }
        finally
        {
            if (_differences > MaxTold)
            {
                found(string.Create(CultureInfo.InvariantCulture, $"and {_differences - MaxTold} more differences in its tree"));
            }
        }
    }

    /// <summary>Checks that what is needed to list and run the image can be read.</summary>
    /// <remarks>No digest is made and no manifest parsed: this is part of the program that carries no code for that.</remarks>
    /// <returns>False when there is no more to compare with.</returns>
    internal bool CheckRecords()
    {
        if (DamagedPath.Describe(root, _path, FileKind.Directory) is { } closed)
        {
            found($"its directory {closed}");
            return false;
        }

        if (StoreDirectory.TryRead(root, $"{_path}/{ImageRecord.FileName}", ImageRecord.MaxLength) is not { } bytes || ImageRecord.Read(bytes) is null)
        {
            found($"its record is not whole, so it counts as absent{Why(ImageRecord.FileName)}");
            return false;
        }

        if (DamagedPath.Describe(root, $"{_path}/{ImageReader.RootfsName}", FileKind.Directory) is { } problem)
        {
            found($"its tree cannot be read: it {problem}");
            return false;
        }

        foreach (var name in (string[])[ImageBuilder.ManifestName, ImageReader.ConfigName, ImageBuilder.OwnersName, TreeRecordFile.FileName])
        {
            if (DamagedPath.Describe(root, $"{_path}/{name}", FileKind.Regular) is { } unreadable)
            {
                found($"its file '{name}' cannot be read: it {unreadable}");
            }
        }

        if (StoreDirectory.TryRead(root, $"{_path}/{ImageReader.ConfigName}", DocumentLimits.Stored.Bytes) is not { } config || !ImageReader.IsConfig(config))
        {
            found("its config is missing or damaged, so it counts as absent");
        }

        if (StoreDirectory.TryRead(root, $"{_path}/{ImageBuilder.ManifestName}", DocumentLimits.Stored.Bytes) is not { } manifest || !IsObject(manifest))
        {
            found("its manifest is missing or damaged");
        }

        if (!StoreDirectory.Exists(root, $"{_path}/{ImageReader.RootfsName}"))
        {
            found("its tree cannot be read: it is not there");
            return false;
        }

        return true;
    }

    /// <summary>Marks the image as damaged, for what a pull does not look at: the bytes of its files. A store that cannot be written to stays as it is.</summary>
    internal void Remember(bool isDamaged)
    {
        var mark = PathZ.From($"{_path}/{Mark}");
        if (!isDamaged)
        {
            FileSystem.TryUnlink(root, mark);
        }
        else if (FileSystem.TryOpen(root, mark, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, out var file, StorePaths.FileMode) == Errno.None)
        {
            file!.Dispose();
        }
    }

    /// <summary>Whether a check found the image damaged.</summary>
    internal static bool IsMarked(Fd root, Digest digest) => StoreDirectory.Exists(root, $"{StorePaths.Image(digest)}/{Mark}");

    /// <summary>Whether a pull may take the image for complete: no check found it damaged, all that is recorded can be read, and its tree is what was published, by kind and size.</summary>
    internal static bool IsWhole(Fd root, Digest digest, CancellationToken cancellationToken)
    {
        var isWhole = !IsMarked(root, digest);
        new ImageChecker(root, digest, problem => isWhole &= problem.EndsWith(TreeComparison.OtherTime, StringComparison.Ordinal)).Run(quick: true, cancellationToken);
        return isWhole;
    }

    /// <summary>What is wrong with a file of the image, to be said after something else; empty when it is only its content.</summary>
    private string Why(string name) => DamagedPath.Describe(root, $"{_path}/{name}", FileKind.Regular) is { } problem ? $": '{name}' {problem}" : string.Empty;

    private void CheckDocuments()
    {
        if (StoreDirectory.TryRead(root, $"{_path}/{ImageBuilder.ManifestName}", DocumentLimits.Stored.Bytes) is not { } manifest || !IsObject(manifest))
        {
            return; // CheckRecords has said so
        }

        if (!Is(manifest, digest))
        {
            found("its manifest is not the one of its digest");
            return;
        }

        try
        {
            var wanted = ManifestReader.ReadManifest(manifest, DocumentLimits.Stored).Config.Digest;
            if (StoreDirectory.TryRead(root, $"{_path}/{ImageReader.ConfigName}", DocumentLimits.Stored.Bytes) is not { } config || !Is(config, wanted))
            {
                found("its config is not the one that its manifest names");
            }
        }
        catch (ContentException e)
        {
            found(e.Message); // an orca that read it once must have been laxer
        }
    }

    /// <summary>What other images would take: they would fetch it instead.</summary>
    private void CheckLayers()
    {
        if (FileSystem.TryOpen(root, PathZ.From($"{_path}/{LayerNames.Directory}"), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var layers) != Errno.None)
        {
            if (DamagedPath.Describe(root, $"{_path}/{LayerNames.Directory}", FileKind.Directory) is { } problem)
            {
                found($"its directory '{LayerNames.Directory}' {problem}");
            }

            return; // made by an orca that shared nothing
        }

        using (layers)
        {
            foreach (var (bytes, _) in DirectoryReader.ReadAll(layers!))
            {
                var name = System.Text.Encoding.UTF8.GetString(bytes);
                if (!LayerNames.IsAside(name) && !RecordFileReader.IsSound(layers!, name))
                {
                    found($"its record 'layers/{Quoted.Text(name)}' is damaged");
                }
            }
        }
    }

    /// <summary>Every path that the side table knows is there, and of the kind it says; devices are not on the disk.</summary>
    private void CheckOwners(Fd rootfs)
    {
        if (OwnerTableReader.TryRead(root, _path) is not { } owners)
        {
            found("its file 'owners' is missing or damaged");
            return;
        }

        foreach (var (path, record) in owners)
        {
            if (record.IsDevice)
            {
                continue;
            }

            if (FileSystem.TryStatus(rootfs, PathZ.From(path), out var status) != Errno.None)
            {
                Differ(path, "is in 'owners' and not in the tree");
            }
            else if ((status.Mode & 0xF000) != (record.Mode & 0xF000))
            {
                Differ(path, "is of another kind than 'owners' says");
            }
        }
    }

    private long CheckTree(Fd rootfs, bool quick, CancellationToken cancellationToken)
    {
        using var records = TreeRecordFile.TryOpen(root, _path);
        if (records is not null)
        {
            return TreeComparison.Run(rootfs, records, quick, Differ, cancellationToken);
        }

        found(StoreDirectory.Exists(root, $"{_path}/{TreeRecordFile.FileName}") ? "its file 'tree' is damaged" : "it has no file 'tree' to compare with");
        return 0;
    }

    private void Differ(byte[] path, string how)
    {
        if (_differences++ < MaxTold)
        {
            found($"'/{Quoted.Name(path)}' {how}");
        }
    }

    /// <summary>Whether the bytes are one JSON object, whatever is in it.</summary>
    private static bool IsObject(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = DocumentLimits.Stored.Depth });
        try
        {
            var isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (isObject && reader.Read())
            {
            }

            return isObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Is(byte[] bytes, Digest wanted) => wanted == wanted.OfContent(bytes);
}
