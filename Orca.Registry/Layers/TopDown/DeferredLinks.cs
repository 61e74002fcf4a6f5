using System.Buffers;
using System.Runtime.InteropServices;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Hard links that wait until their targets, which may still be on their way, are on the disk.</summary>
internal sealed class DeferredLinks(FlatTree tree, FileBatches batches, EntryWriter writer)
{
    private const int MaxCount = 4096;
    private const int MaxBytes = 512 * 1024;

    private readonly List<Link> _links = [];
    private readonly ArrayBufferWriter<byte> _names = new(); // each link's name and target
    private readonly LayerPath _path = new();

    /// <summary>Takes a link; one that is not visible is not made, but is an error all the same when its target is missing.</summary>
    internal void Add(LayerEntry link, bool isVisible)
    {
        _links.Add(new Link(link.Offset, link.Name.Length, link.Target.Length, isVisible));
        _names.Write(link.Name);
        _names.Write(link.Target);

        // Of the base nothing is noted: whether the target came before the link only the disk tells, now.
        if (_links.Count >= MaxCount || _names.WrittenCount >= MaxBytes || tree.Layer == 1)
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
        var link = new LayerEntry { Layer = tree.Layer, Kind = EntryKind.HardLink };
        var names = _names.WrittenSpan;
        foreach (var next in _links)
        {
            link.Offset = next.Offset;
            link.SetName(names[..next.Name]);
            link.SetTarget(names.Slice(next.Name, next.Target));
            names = names[(next.Name + next.Target)..];
            try
            {
                if (next.IsVisible)
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
        _names.ResetWrittenCount();
    }

    private void RequireTarget(LayerEntry link)
    {
        _path.Set(link.Target);
        var parent = tree.Aside.Open(_path.Parent, create: false);
        var isThere = parent is not null && FileSystem.TryStatus(parent.Handle, PathZ.OfTerminated(_path.NameZ), out var status) == Errno.None
            ? !status.IsDirectory
            : parent is not null && tree.Owners.TryGet(PathHash.Child(parent.Hash, _path.Name), out _); // a device
        if (!isThere)
        {
            throw new NotTopDownException("a hard link that cannot be made");
        }
    }

    /// <param name="Offset">Where it is in the archive.</param>
    /// <param name="Name">Bytes of its name.</param>
    /// <param name="Target">Bytes of its target.</param>
    /// <param name="IsVisible">It is to be made.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Link(long Offset, int Name, int Target, bool IsVisible);
}
