using System.Text;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Upkeep;

namespace Orca.Registry.Store;

/// <summary>Holds a store against its records. Every image is held while it is looked at, so nobody removes it meanwhile.</summary>
internal sealed class StoreChecker(StoreRoot store, ReferenceCatalog names, StoresBehind behind)
{
    private readonly List<StoreFinding> _findings = [];
    private int _images;
    private long _entries;

    /// <summary>See <see cref="IStoreUpkeep.Check"/>.</summary>
    internal StoreReport Run(CheckOptions options, CancellationToken cancellationToken)
    {
        if (store.TryOpen() is { } root)
        {
            CheckRoot(root);
            CheckImages(root, options.Quick, cancellationToken);
            CheckNames(root);
            CheckContainers(root);
        }

        return new StoreReport { Images = _images, Entries = _entries, Findings = _findings };
    }

    private void CheckRoot(Fd root)
    {
        string[] known = [StorePaths.Format, MountPoints.Path, DirectoryFrames.Directory, StoreSharing.Mark, .. StorePaths.Directories];
        foreach (var name in StoreDirectory.List(root, "."))
        {
            var text = Encoding.UTF8.GetString(name);
            if (!known.Contains(text) && !DurableFile.IsAside(name) && !text.StartsWith("hello-", StringComparison.Ordinal))
            {
                Know($"file '{Quoted.Name(name)}'", "is not of the store, and is left alone", null);
            }
        }
    }

    private void CheckImages(Fd root, bool quick, CancellationToken cancellationToken)
    {
        foreach (var name in StoreDirectory.List(root, StorePaths.Images))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!StorePaths.TryReadName(name, out var digest))
            {
                Know($"file '{StorePaths.Images}/{Quoted.Name(name)}'", "is no image, and is left alone", null);
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
                var repair = named.Count > 0 ? $"orca rmi -f {named[0].Familiar} && orca pull {named[0].Familiar}" : "orca system prune";
                _images++;
                _entries += new ImageChecker(root, digest, problem => Damage(what, problem, repair)).Run(quick, cancellationToken);
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

            var file = $"{StorePaths.References}/{Encoding.UTF8.GetString(name)}";
            if (names.ReadFile(file) is not { } entry)
            {
                Damage($"file '{StorePaths.References}/{Quoted.Name(name)}'", "is no name of an image", "delete it, and pull the image again");
            }
            else if (!IsThere(root, entry.Digest))
            {
                Damage($"name {entry.Reference.Familiar}", $"points to image {entry.Digest.Abbreviated}, which is not in the store", $"orca pull {entry.Reference.Familiar}");
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
                Know($"file '{StorePaths.Containers}/{Quoted.Name(name)}'", "is no container, and is left alone", null);
                continue;
            }

            if (ContainerCatalog.Read(root, text) is { } entry)
            {
                if (entry.IsKept && !IsThere(root, entry.Record.ImageDigest))
                {
                    Damage($"container {text}", $"is made of image {entry.Record.ImageDigest.Abbreviated}, which is not in the store", $"orca pull {entry.Record.Image.Familiar}");
                }
            }
            else if (StoreDirectory.Exists(root, $"{StorePaths.Container(text)}/{ContainerCatalog.RecordName}") && !ContainerNames.IsRandom(text))
            {
                Damage($"container {text}", "has a damaged record", $"its changes lie in '{StorePaths.Container(text)}/{ContainerDirectory.UpperName}' of the store; 'orca rm {text}' deletes them");
            }
        }
    }

    private bool IsThere(Fd root, Orca.Core.References.Digest digest) => StoreDirectory.Exists(root, StorePaths.Image(digest)) || behind.Find(digest) is not null;

    private void Damage(string what, string problem, string? repair) => _findings.Add(new StoreFinding(true, what, problem, repair));

    private void Know(string what, string problem, string? repair) => _findings.Add(new StoreFinding(false, what, problem, repair));
}
