using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Reuse;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>One image on its way into the store, or already there.</summary>
/// <remarks>Holds the image's lock: exclusively while it builds, shared when it found the image complete.</remarks>
internal sealed class ImageBuilder : IImageBuilder, ILayerSharing
{
    internal const string ManifestName = "manifest.json";
    internal const string OwnersName = "owners";

    private readonly Context _around;
    private readonly ImageContent _content;
    private readonly FileLock _held;
    private readonly StagedName? _staged;
    private readonly Fd? _directory;
    private readonly ImageFlattener? _flattener;
    private Fd? _rootfs;
    private StoredImage? _published;
    private IReadOnlyList<string> _warnings = [];

    private ImageBuilder(Context around, ImageContent content, FileLock held, StoredImage? existing)
    {
        (_around, _content, _held, Existing) = (around, content, held, existing);
        if (existing is not null)
        {
            return;
        }

        try
        {
            MoveAsideWhatIsDamaged();
            SpaceCheck.Require(around.Store.Open(), Missing(content));
            _staged = around.Staging.Reserve();
            _directory = _staged.MakeDirectory();
            _flattener = new ImageFlattener(MakeRootfs, around.Limits, this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public StoredImage? Existing { get; }

    /// <summary>Bytes that the layers need at least: how large they are when unpacked, nobody knows before.</summary>
    private long Need => Missing(_content).DistinctBy(static layer => layer.Digest).Sum(static layer => layer.Size);

    /// <summary>Waits for the image's lock, and finds out whether there is anything left to do.</summary>
    internal static ImageBuilder Begin(Context around, ImageContent content, CancellationToken cancellationToken)
    {
        var root = around.Store.Open();
        around.Store.EnsureDirectories();
        var path = StorePaths.ImageLock(content.Digest);

        var waiting = around.Notice.Begin(root, path, "builds or removes the same image");

        // Containers hold a complete image's lock shared for as long as they run, so the exclusive one is only asked for when there is work.
        for (var wait = 2; ; wait = Math.Min(wait * 2, 100))
        {
            if (TryBegin(around, content, root, path, cancellationToken) is { } builder)
            {
                return builder;
            }

            waiting.Tick();
            cancellationToken.ThrowIfCancellationRequested();
            if (cancellationToken.CanBeCanceled)
            {
                cancellationToken.WaitHandle.WaitOne(wait);
            }
            else
            {
                Thread.Sleep(wait);
            }
        }
    }

    public void Apply(Stream layer, CancellationToken cancellationToken) =>
        Explaining(() => Flattener.Apply(layer, cancellationToken));

    public void Apply(IReadOnlyList<ILayerSource> layers, CancellationToken cancellationToken) =>
        Explaining(() => Flattener.Apply(layers, cancellationToken));

    public bool Has(Digest diffId) => _around.Donors.Has(diffId);

    IEnumerable<ReusableLayer> ILayerSharing.Find(Digest diffId) => _around.Donors.Find(diffId);

    void ILayerSharing.MarkUnavailable(IEnumerable<Digest> diffIds)
    {
        var isNews = false;
        foreach (var diffId in diffIds)
        {
            isNews |= _around.Donors.MarkUnavailable(diffId);
        }

        if (isNews)
        {
            SpaceCheck.Require(_around.Store.Open(), Missing(_content));
        }
    }

    Fd ILayerSharing.MakeDirectory()
    {
        FileSystem.MakeDirectory(_directory, PathZ.From(LayerNames.Directory), StorePaths.DirectoryMode);
        return FileSystem.OpenDirectory(_directory, PathZ.From(LayerNames.Directory));
    }

    public StoredImage Publish(ImageReference reference)
    {
        if (_published is null && Existing is null)
        {
            try
            {
                PublishTree();
            }
            catch (LinuxException e) when (StoreFaults.IsFull(e))
            {
                throw StoreFaults.Explain(_around.Store, Need, e);
            }
        }

        _around.Images.TagHeld(reference, _content.Digest);
        var stored = _around.Reader.Read(_content.Digest)
            ?? throw new StoreException($"cannot store image '{reference.Familiar}': {StorePaths.Image(_content.Digest)} is damaged as soon as it is written");
        return _published = stored with { Warnings = _warnings };
    }

    public void Dispose()
    {
        _flattener?.Dispose();
        _rootfs?.Dispose();
        _directory?.Dispose();
        _staged?.Dispose();
        if (_flattener is not null && _published is null)
        {
            FileSystem.TryUnlink(_around.Store.Open(), PathZ.From(StorePaths.ImageLock(_content.Digest))); // it is held exclusively, and of no image
        }

        _held.Dispose();
    }

    private ImageFlattener Flattener => _flattener ?? throw new InvalidOperationException("the image is complete");

    /// <summary>A disk that fills up while layers are applied is told with what is needed and what there is.</summary>
    private void Explaining(Action apply)
    {
        try
        {
            apply();
        }
        catch (Exception e) when (e is StoreException or LinuxException && StoreFaults.IsFull(e))
        {
            throw StoreFaults.Explain(_around.Store, Need, e);
        }
    }

    private Fd MakeRootfs()
    {
        _rootfs?.Dispose();
        TreeDeleter.Delete(_directory!, System.Text.Encoding.UTF8.GetBytes(ImageReader.RootfsName));
        TreeDeleter.Delete(_directory!, System.Text.Encoding.UTF8.GetBytes(LayerNames.Directory));
        FileSystem.MakeDirectory(_directory, PathZ.From(ImageReader.RootfsName), StorePaths.DirectoryMode);
        StoreReadiness.RequireCase(_directory!, ImageReader.RootfsName, _around.Store.Path);
        return _rootfs = FileSystem.OpenDirectory(_directory, PathZ.From(ImageReader.RootfsName));
    }

    /// <summary>The layers that no stored image has.</summary>
    private List<Descriptor> Missing(ImageContent content) =>
        [.. content.Manifest.Layers.Where((_, index) => index >= content.Config.DiffIds.Count || !Has(content.Config.DiffIds[index]))];

    private static ImageBuilder? TryBegin(Context around, ImageContent content, Fd root, string path, CancellationToken cancellationToken)
    {
        ImageBuilder? builder = null;
        if (around.Reader.Read(content.Digest) is not null && FileLock.TryAcquire(root, path, exclusive: false) is { } shared)
        {
            try
            {
                builder = around.Reader.Read(content.Digest) is { } existing ? ToUse(around, content, root, shared, existing, cancellationToken) : null;
            }
            finally
            {
                (builder is null ? shared : null)?.Dispose(); // removed between the look and the lock, or cancelled
            }
        }

        if (builder is not null || FileLock.TryAcquire(root, path, exclusive: true) is not { } held)
        {
            return builder;
        }

        if (around.Reader.Read(content.Digest) is null)
        {
            return new ImageBuilder(around, content, held, null);
        }

        held.Dispose(); // built between the look and the lock: the next round takes it shared
        return null;
    }

    /// <summary>The image as it is; or, where something of it is damaged and no container runs in it, a builder that makes it again.</summary>
    private static ImageBuilder? ToUse(Context around, ImageContent content, Fd root, FileLock shared, StoredImage existing, CancellationToken cancellationToken)
    {
        if (ImageChecker.IsWhole(root, content.Digest, cancellationToken))
        {
            return new ImageBuilder(around, content, shared, existing);
        }

        // flock(2) gives up the shared lock for the exclusive one, whether it gets that or not.
        if (FileSystem.TryLock(shared.File, exclusive: true, wait: false) == Errno.None)
        {
            return FileSystem.Status(shared.File).Links > 0 ? new ImageBuilder(around, content, shared, null) : null;
        }

        if (FileSystem.TryLock(shared.File, exclusive: false, wait: false) != Errno.None)
        {
            return null;
        }

        around.Notice.Say($"image {content.Digest.Abbreviated} is damaged in the store, and is not repaired while a container runs in it; 'orca system check' says what is wrong");
        return new ImageBuilder(around, content, shared, existing);
    }

    /// <summary>Everything on the disk before the one rename that makes it visible, and that rename on the disk before a name points to it.</summary>
    private void PublishTree()
    {
        var root = _around.Store.Open();
        var summary = _flattener!.Complete();
        _warnings = summary.Warnings;
        StoreDirectory.Write(_directory!, ManifestName, _content.ManifestBytes.Span);
        StoreDirectory.Write(_directory!, ImageReader.ConfigName, _content.ConfigBytes.Span);
        WriteOwners();
        if (_around.Store.IsShared)
        {
            SetIdBits.ClearStaged(root, _staged!.Path);
        }

        // The disk writes for as long as the tree is read back, from memory: so the records cost hardly any time.
        var recorded = Task.Run(() => TreeRecordFile.Write(_directory!, _rootfs!, _around.Limits.TableMemory / 4, _flattener.Sums));
        try
        {
            FileSystem.SyncFileSystem(_directory!);
        }
        finally
        {
            recorded.GetAwaiter().GetResult();
        }

        StoreDirectory.WriteSynced(_directory!, ImageRecord.FileName, new ImageRecord(_around.Time.GetUtcNow(), summary.Bytes, summary.Entries).Write());
        if (_around.Store.IsShared)
        {
            StoreSharing.OpenImage(root, _staged!.Path);
        }

        FileSystem.Sync(_directory!);
        FileSystem.Rename(root, PathZ.From(_staged!.Path), root, PathZ.From(StorePaths.Image(_content.Digest)));
        StoreDirectory.Sync(root, StorePaths.Images);
    }

    private void WriteOwners()
    {
        using var file = FileSystem.Open(_directory, PathZ.From(OwnersName), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, StorePaths.FileMode);
        using var buffered = new BufferedStream(new FdStream(file), 64 * 1024);
        _flattener!.WriteOwners(buffered);
    }

    private void MoveAsideWhatIsDamaged()
    {
        var root = _around.Store.Open();
        var path = StorePaths.Image(_content.Digest);
        if (StoreDirectory.Exists(root, path))
        {
            using var staged = _around.Staging.Reserve();
            var error = FileSystem.TryRename(root, PathZ.From(path), root, PathZ.From(staged.Path));
            if (DamagedPath.IsAbout(error) && DamagedPath.TryReopen(root, path, FileKind.Directory))
            {
                error = FileSystem.TryRename(root, PathZ.From(path), root, PathZ.From(staged.Path));
            }

            if (error != Errno.None && !(DamagedPath.IsAbout(error) && DamagedPath.Clear(root, path)))
            {
                throw new LinuxException("rename", path, error);
            }
        }
    }

    /// <summary>The parts of the store that a builder works with.</summary>
    internal sealed record Context(StoreRoot Store, ImageReader Reader, StagingArea Staging, ImageStore Images, ReusableLayers Donors, TimeProvider Time, LockNotice Notice, LayerLimits Limits);
}
