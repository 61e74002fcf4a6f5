using Orca.Core.Linux;

namespace Orca.Registry.Layers.Reuse;

/// <summary>Files that are written down as they are made, base first: upper layers may still hide them.</summary>
internal sealed class RecordingFileSource(IFileSource files, LayerRecorder recorder, LayerPath path) : IFileSource
{
    /// <remarks>What went through a link cannot be found by its own path again, so it gets a second name however large it is.</remarks>
    public ulong Write(FlatTree tree, LayerEntry entry, DirectoryNode parent, PathZ name, CancellationToken cancellationToken)
    {
        var sum = files.Write(tree, entry, parent, name, cancellationToken);
        var mayBeAside = AsideLimits.Allow(entry) || ((entry.Mode & OwnerMode.SetIds) == 0 && !path.Parent.SequenceEqual(parent.Path));
        recorder.AddForNow(parent, name, mayBeAside, sum);
        return sum;
    }

    public bool TryRetain(FlatTree tree, LayerEntry entry, DirectoryNode aside, PathZ name, out ulong sum) => files.TryRetain(tree, entry, aside, name, out sum);
}
