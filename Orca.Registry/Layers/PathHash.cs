using System.Security.Cryptography;

namespace Orca.Registry.Layers;

/// <summary>64 bits that stand for a path where keeping the bytes would cost too much memory.</summary>
/// <remarks>
/// Among ten million paths two fall together with odds of one in a few hundred thousand; what follows is a whiteout that spares one file.
/// The start is random for each process, so nobody can prepare such a pair.
/// </remarks>
internal static class PathHash
{
    /// <summary>The hash of the root.</summary>
    internal static readonly ulong Root = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>The hash of a name in a directory whose hash is known.</summary>
    internal static ulong Child(ulong directory, ReadOnlySpan<byte> name)
    {
        var hash = (directory ^ '/') * 0x9E3779B97F4A7C15;
        foreach (var b in name)
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return hash ^ (hash >> 29);
    }

    /// <summary>The hash of a path in normal form.</summary>
    internal static ulong Of(ReadOnlySpan<byte> path)
    {
        var hash = Root;
        while (LayerPath.TakeComponent(ref path, out var component))
        {
            hash = Child(hash, component);
        }

        return hash;
    }
}
