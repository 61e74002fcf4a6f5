using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>How a refusal of a layer reads. Layer 0 is an archive that holds images.</summary>
internal static class LayerFault
{
    /// <summary>The archive itself is wrong, before an entry has a name.</summary>
    internal static LayerException At(int layer, long offset, string cause, string? hint = null) =>
        new(layer == 0 ? $"cannot read the archive at byte {offset}: {cause}" : $"cannot read layer {layer} at byte {offset}: {cause}", hint) { Layer = layer };

    /// <summary>One entry is wrong.</summary>
    internal static LayerException In(LayerEntry entry, string cause, string? hint = null, Exception? inner = null) =>
        new($"cannot unpack '{Quoted.Name(entry.Name)}' ({(entry.Layer == 0 ? string.Empty : $"layer {entry.Layer}, ")}byte {entry.Offset}): {cause}", hint, inner) { Layer = entry.Layer };

    /// <summary>A full or failing disk is the store's trouble; what the kernel does not take of an entry is the layer's.</summary>
    internal static OrcaException Explain(LayerEntry entry, LinuxException e) => e.Errno switch
    {
        Errno.ENOSPC or Errno.EDQUOT or Errno.EROFS or Errno.EIO or Errno.EFBIG or Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE or Errno.EACCES or Errno.EPERM =>
            new StoreException($"cannot unpack '{Quoted.Name(entry.Name)}': {e.Message}", e.Hint, e),
        _ => In(entry, e.Message, inner: e),
    };
}
