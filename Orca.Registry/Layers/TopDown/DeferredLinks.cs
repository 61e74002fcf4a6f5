using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Hard links that wait until their targets, which may still be on their way, are on the disk.</summary>
internal sealed class DeferredLinks(FlatTree tree, FileBatches batches, EntryWriter writer)
{
    private const int MaxCount = 4096;

    private readonly List<(LayerEntry Entry, bool IsVisible)> _links = [];
    private readonly LayerPath _path = new();

    /// <summary>Takes a link; one that is not visible is not made, but is an error all the same when its target is missing.</summary>
    internal void Add(LayerEntry link, bool isVisible)
    {
        _links.Add((link.CopyOfLink(), isVisible));

        // Of the base nothing is noted: whether the target came before the link only the disk tells, now.
        if (_links.Count >= MaxCount || tree.Layer == 1)
        {
            Write();
        }
    }

    /// <summary>Makes those that wait.</summary>
    internal void Write()
    {
        if (_links.Count == 0)
        {
            return;
        }

        batches.Drain();
        foreach (var (link, isVisible) in _links)
        {
            try
            {
                if (isVisible)
                {
                    _path.Set(link.Name);
                    writer.WriteHardLink(link, _path);
                }
                else
                {
                    RequireTarget(link);
                }
            }
            catch (LayerException)
            {
                throw new NotTopDownException("a hard link that cannot be made");
            }
            catch (LinuxException e)
            {
                throw LayerFault.Explain(link, e);
            }
        }

        _links.Clear();
    }

    private void RequireTarget(LayerEntry link)
    {
        _path.Set(link.Target);
        var parent = tree.Aside.Open(_path.Parent, create: false);
        var isThere = parent is not null && FileSystem.TryStatus(parent.Handle, PathZ.OfTerminated(_path.NameZ), out var status) == Errno.None
            ? !status.IsDirectory
            : parent is not null && tree.Owners.TryGet(parent.Join(_path.Name), out _); // a device
        if (!isThere)
        {
            throw new NotTopDownException("a hard link that cannot be made");
        }
    }
}
