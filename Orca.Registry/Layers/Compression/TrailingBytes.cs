using Orca.Core.Errors;

namespace Orca.Registry.Layers.Compression;

/// <summary>What may follow a compressed stream: as behind gzip, zeros (tape blocks, and some writers, fill up with them) or nothing.</summary>
internal static class TrailingBytes
{
    /// <summary>Skips zeros up to the end of the input. Returns false, with nothing taken, where another member may begin.</summary>
    /// <exception cref="ContentException">There is something else behind the zeros.</exception>
    internal static bool TrySkipToEnd(InputWindow input, string name, string format)
    {
        if (input.Fill() && input.Available[0] != 0)
        {
            return false;
        }

        for (; input.Fill(); input.Advance(input.Available.Length))
        {
            if (input.Available.ContainsAnyExcept((byte)0))
            {
                throw Fault(name, format);
            }
        }

        return true;
    }

    /// <summary>The refusal.</summary>
    internal static ContentException Fault(string name, string format) => new($"cannot decompress {name}: there is something else behind the {format} stream");
}
