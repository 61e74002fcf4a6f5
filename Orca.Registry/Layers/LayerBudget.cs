namespace Orca.Registry.Layers;

/// <summary>What is left of the limits while the layers of one image are applied.</summary>
internal sealed class LayerBudget(LayerLimits limits)
{
    private long _archive;
    private long _content;
    private long _entries;

    internal LayerLimits Limits => limits;

    /// <summary>Counts bytes of the archive; the words of the refusal when they are too many, else null.</summary>
    internal string? TakeArchive(long bytes)
    {
        _archive += bytes;
        return _archive > limits.MaxBytes ? $"the uncompressed archive exceeds limit of {limits.MaxBytes} bytes for an image" : null;
    }

    /// <summary>Counts the logical size of a file, before anything is written of it.</summary>
    internal string? TakeContent(long bytes)
    {
        if (bytes > limits.MaxBytes - _content)
        {
            return $"a file of {bytes} bytes exceeds limit of {limits.MaxBytes} bytes for the files of an image";
        }

        _content += bytes;
        return null;
    }

    /// <summary>Counts an entry of a stored layer as its archive's reader would; false when that would refuse it.</summary>
    internal bool TryTake(LayerEntry entry) =>
        TakeEntry() is null && TakeContent(entry.Size) is null && entry.Name.Length <= limits.MaxPath && entry.Name.Count((byte)'/') < limits.MaxDepth;

    /// <summary>Counts what else there was in a stored layer's archive; false when its reader would refuse that.</summary>
    internal bool TryTake(LayerExtent extent) => TakeArchive(extent.Bytes) is null && extent.LargestHeader <= limits.MaxHeader;

    /// <summary>Counts one entry.</summary>
    internal string? TakeEntry() =>
        ++_entries > limits.MaxEntries ? $"too many entries: exceeds limit of {limits.MaxEntries} for an image" : null;
}
