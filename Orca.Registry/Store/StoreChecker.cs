using System.Text;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Upkeep;

namespace Orca.Registry.Store;

/// <summary>Holds a store against its records. Every image is held while it is looked at, so nobody removes it meanwhile.</summary>
internal sealed class StoreChecker(StoreRoot store, ReferenceCatalog names, AdditionalStores behind)
{
    private readonly List<StoreFinding> _findings = [];
    private int _images;
    private long _entries;

    /// <summary>See <see cref="IStoreUpkeep.Check"/>.</summary>
    internal StoreReport Run(CheckOptions options, CancellationToken cancellationToken)
    {
        Walk(checker => Check(checker, options.Quick, cancellationToken), cancellationToken);
        return new StoreReport { Images = _images, Entries = _entries, Findings = _findings };
    }

    /// <summary>See <see cref="IStoreMeter.FindDamage"/>.</summary>
    internal IReadOnlyList<StoreFinding> FindDamage(bool containersOnly)
    {
        if (!containersOnly)
        {
            Walk(static checker => checker.CheckRecords(), CancellationToken.None);
        }
        else if (store.TryOpen() is { } root)
        {
            CheckContainers(root);
        }

        return [.. _findings.Where(static finding => finding.Damage)];
    }

    private void Walk(Action<ImageChecker> check, CancellationToken cancellationToken)
    {
        if (store.TryOpen() is { } root)
        {
            CheckRoot(root);
            CheckImages(root, check, cancellationToken);
            CheckNames(root);
            CheckContainers(root);
            CheckDisposable(root);
        }
    }

    private void Check(ImageChecker image, bool quick, CancellationToken cancellationToken)
    {
        var before = _findings.Count;
        _entries += image.Run(quick, cancellationToken);
        var isDamaged = _findings.Count > before;
        if (isDamaged || !quick) // a quick check does not see the flipped bit that a whole one has marked
        {
            image.Remember(isDamaged);
        }
    }

    private void CheckRoot(Fd root)
    {
        foreach (var name in StorePaths.Directories)
        {
            if (DamagedPath.Describe(root, name, FileKind.Directory) is { } problem)
            {
                Damage($"directory '{name}'", problem, RepairOfDirectory(root, name));
            }
            else if (name == StorePaths.References && ReferenceCatalog.ProblemOfDirectory(root) is { } missing)
            {
                Damage($"directory '{name}'", missing, "orca system prune # makes it again, and keeps all images");
            }
        }

        string[] known = [StorePaths.Format, MountPoints.Path, CopyUpDirectories.Directory, StoreSharing.Mark, StoredLayers.Directory, VolumeStore.Directory, .. StorePaths.Directories];
        foreach (var name in StoreDirectory.List(root, "."))
        {
            var text = Encoding.UTF8.GetString(name);
            if (!known.Contains(text) && !DurableFile.IsAside(name) && !text.StartsWith("hello-", StringComparison.Ordinal))
            {
                Know($"file '{Quoted.Name(name)}'", "is not of the store, and is left alone", null);
            }
        }
    }

    private void CheckImages(Fd root, Action<ImageChecker> check, CancellationToken cancellationToken)
    {
        foreach (var name in StoreDirectory.List(root, StorePaths.Images))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!StorePaths.TryReadName(name, out var digest))
            {
                Stray(root, StorePaths.Images, name, "is no image, and is left alone");
                continue;
            }

            var named = names.NamesOf(digest);
            var what = $"image {(named.Count > 0 ? named[0].Familiar : digest.ToString())}";
            using var held = FileLock.TryAcquire(root, StorePaths.ImageLock(digest), exclusive: false);
            if (held is null)
            {
                Know(what, "is being built or removed by another process, and was not checked", null);
            }
            else if (StoreDirectory.Exists(root, StorePaths.Image(digest))) // it is not when its removal was quicker
            {
                var repair = named.Count > 0 ? RepairOf(named[0]) : RepairOfNameless(root, digest);
                _images++;
                check(new ImageChecker(root, digest, problem => Damage(what, problem, repair)));
            }
        }
    }

    private void CheckNames(Fd root)
    {
        foreach (var name in StoreDirectory.List(root, StorePaths.References))
        {
            if (DurableFile.IsAside(name))
            {
                continue;
            }

            if (name[0] == '.')
            {
                Stray(root, StorePaths.References, name, "is no name of an image, and is left alone");
                continue;
            }

            var file = $"{StorePaths.References}/{Encoding.UTF8.GetString(name)}";
            if (names.ReadFile(file) is not { } entry)
            {
                var problem = file.EndsWith(ReferenceCatalog.LostMark, StringComparison.Ordinal) ? "keeps images without a name, as the names of all images were lost: name yours again with 'orca pull' or 'orca load'"
                    : DamagedPath.Describe(root, file, FileKind.Regular) is { } why ? $"cannot be read: it {why}" : "is no name of an image";
                var known = ReferenceCatalog.NameOf(file);
                Damage(
                    known is { } named ? $"name {named.Familiar}" : $"file '{StorePaths.References}/{Quoted.Name(name)}'", problem,
                    known is { } lost ? RepairOf(lost) : ShellWords.Join("rm", "-rf", $"{store.Path}/{file}"));
            }
            else if (!IsThere(root, entry.Digest))
            {
                Damage($"name {entry.Reference.Familiar}", $"points to image {entry.Digest.Abbreviated}, which is not in the store", RepairOf(entry.Reference));
            }
        }
    }

    private void CheckContainers(Fd root)
    {
        foreach (var name in StoreDirectory.List(root, StorePaths.Containers))
        {
            var text = Encoding.UTF8.GetString(name);
            if (!ContainerNames.IsValid(text))
            {
                Stray(root, StorePaths.Containers, name, "is no container, and is left alone");
                continue;
            }

            var path = StorePaths.Container(text);
            if (DamagedPath.Describe(root, path, FileKind.Directory) is { } closed)
            {
                DamageOf(text, closed, RepairOfContainer(root, text));
                continue;
            }

            if (ContainerCatalog.Read(root, text) is { } entry)
            {
                if (entry.IsKept && ContainerDirectory.DescribeLayers(root, path) is { } lost)
                {
                    DamageOf(text, lost, $"orca rm {text} # deletes what is left of it");
                }

                if (entry.IsKept && LayerState.TryRead(root, path, out var layers) && layers is not null)
                {
                    CheckSnapshots(root, text, layers);
                }

                if (entry.IsKept && !IsThere(root, entry.Record.ImageDigest))
                {
                    DamageOf(text, $"is made of image {entry.Record.ImageDigest.Abbreviated}, which is not in the store", RepairOf(entry.Record.Image.WithDigest(entry.Record.ImageDigest)));
                }
            }
            else if (StoreDirectory.Exists(root, $"{path}/{ContainerCatalog.RecordName}") && !ContainerNames.IsRandom(text))
            {
                var why = DamagedPath.Describe(root, $"{path}/{ContainerCatalog.RecordName}", FileKind.Regular) is { } problem ? $" (it {problem})" : string.Empty;
                DamageOf(text, $"has a damaged record{why}; its changes are in '{path}/{ContainerDirectory.UpperName}' of the store", $"orca rm {text} # deletes it with its changes");
            }
        }
    }

    private void CheckSnapshots(Fd root, string name, LayerState state)
    {
        foreach (var (snapshot, layer) in state.Snapshots)
        {
            if ((ContainerTrees.OfLayer(root, layer) is { } trees ? trees.Describe(root) : "is damaged") is { } lost && state.Moving is null)
            {
                DamageOf(name, $"snapshot {snapshot.Number} {lost}", $"orca snapshot rm {name} {snapshot.Number} # forgets it");
            }
        }
    }

    /// <summary>What is made again when it is needed: prune takes it away where it is damaged.</summary>
    private void CheckDisposable(Fd root)
    {
        foreach (var directory in (string[])[StorePaths.Locks, StorePaths.Parts])
        {
            foreach (var name in StoreDirectory.List(root, directory))
            {
                var path = $"{directory}/{Encoding.UTF8.GetString(name)}";
                if (DamagedPath.IsAside(name))
                {
                    Stray(root, directory, name, "is of no use, and is left alone");
                }
                else if (DamagedPath.Describe(root, path, FileKind.Regular) is { } problem)
                {
                    Damage($"file '{Quoted.Text(path)}'", problem, "orca system prune");
                }
            }
        }

        foreach (var name in StoreDirectory.List(root, StorePaths.Spares).Where(static name => DamagedPath.IsAside(name)))
        {
            Stray(root, StorePaths.Spares, name, string.Empty);
        }

        foreach (var path in WritableLayerPool.Damaged(root))
        {
            Damage($"directory '{path}'", "cannot be used", "orca system prune");
        }
    }

    /// <summary>A file that orca does not know; one that it moved out of the way itself comes with the way to be rid of it.</summary>
    private void Stray(Fd root, string directory, byte[] name, string problem)
    {
        var path = $"{directory}/{Encoding.UTF8.GetString(name)}";
        var isOwn = FileSystem.TryStatus(root, PathZ.From(path), out var status) == Errno.None && status.Uid == CurrentUser.EffectiveUid;
        var isLost = DamagedPath.IsAside(name);
        Know(
            $"file '{directory}/{Quoted.Name(name)}'", isLost ? $"was in the way and could not be deleted{(isOwn ? string.Empty : $"; user {status.Uid} can")}" : problem, null);
    }

    /// <summary>A pull makes a damaged image again, and keeps it as it is when that fails. What no registry has comes from where it came from.</summary>
    internal static string RepairOf(ImageReference image) =>
        image.Registry == ReferenceCatalog.LocalRegistry ? $"load or import '{image.Familiar}' again" : $"orca pull {image.Familiar}";

    /// <summary>An image without a name is of use to the kept containers that are made of it alone.</summary>
    private static string RepairOfNameless(Fd root, Digest digest)
    {
        foreach (var name in StoreDirectory.List(root, StorePaths.Containers))
        {
            var text = Encoding.UTF8.GetString(name);
            if (ContainerNames.IsValid(text) && ContainerCatalog.Read(root, text) is { IsKept: true } user && user.Record.ImageDigest == digest)
            {
                return RepairOf(user.Record.Image.WithDigest(digest));
            }
        }

        return "orca system prune";
    }

    private string? RepairOfDirectory(Fd root, string name)
    {
        var path = $"{store.Path}/{name}";
        _ = FileSystem.TryStatus(root, PathZ.From(name), out var status);
        return !status.IsDirectory ? ShellWords.Join("mv", path, $"{path}.damaged") is { } move ? $"{move} && {ShellWords.Join("mkdir", "-m", "700", path)}" : null
            : status.Uid == CurrentUser.EffectiveUid ? ShellWords.Join("chmod", "700", path)
            : GiveBack(path);
    }

    private string? RepairOfContainer(Fd root, string name) =>
        FileSystem.TryStatus(root, PathZ.From(StorePaths.Container(name)), out var status) == Errno.None && status.IsDirectory && status.Uid != CurrentUser.EffectiveUid
            ? GiveBack($"{store.Path}/{StorePaths.Container(name)}") : $"orca rm {name} # deletes what is in its place";

    /// <summary>Only root gives a directory of another user back.</summary>
    private static string? GiveBack(string path) => ShellWords.Join("sudo", "chown", "-R", $"{CurrentUser.EffectiveUid}:{CurrentUser.Gid}", path);

    private bool IsThere(Fd root, Digest digest) => StoreDirectory.Exists(root, StorePaths.Image(digest)) || behind.Find(digest) is not null;

    private void Damage(string what, string problem, string? repair) => _findings.Add(new StoreFinding(true, what, problem, repair));

    private void DamageOf(string container, string problem, string? repair) =>
        _findings.Add(new StoreFinding(true, $"container {container}", problem, repair) { Container = container });

    private void Know(string what, string problem, string? repair) => _findings.Add(new StoreFinding(false, what, problem, repair));
}
