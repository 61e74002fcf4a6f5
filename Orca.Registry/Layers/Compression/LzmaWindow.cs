using Orca.Core.Errors;

namespace Orca.Registry.Layers.Compression;

/// <summary>How far LZMA may look back: its decoder keeps all of that in memory.</summary>
internal static class LzmaWindow
{
    /// <summary>From here on the windows of decoders that are done are worth collecting. xz takes 8 MiB unless told otherwise.</summary>
    private const ulong Large = 16 << 20;

    /// <summary>What xz -9 takes (lzip -9: 32 MiB), and the most that SharpCompress decodes.</summary>
    internal const long Longest = 64 << 20;

    /// <summary>Frees what earlier decoders had: a layer's window would stay until the collector runs by itself, beside the next one's.</summary>
    internal static void MakeRoom(ulong bytes)
    {
        if (bytes > Large)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        }
    }

    /// <summary>Refuses a window that is too long, before any memory is taken.</summary>
    internal static void Require(ulong bytes, string name, string format)
    {
        if (bytes > Longest)
        {
            throw new ContentException(
                $"cannot decompress {name}: its {format} dictionary of {bytes >> 20} MiB exceeds limit of {Longest >> 20} MiB",
                $"compress it again with a smaller one, for instance '{format} -9'");
        }
    }
}
