using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Orca.Registry.Layers;

/// <summary>128 keyed bits that identify a path where keeping its bytes would cost too much memory.</summary>
/// <remarks>
/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012) over the hash of the directory and the name. The key is random for
/// each process and never leaves it, so an image cannot be prepared whose names collide; that two of a billion paths collide by chance has
/// odds of one in 10^20. A collision would hide a file of a lower layer. A hash without a key was tried before: with prepared names one of
/// 256 pairs collided at every start.
/// </remarks>
internal static class PathHash
{
    private static readonly UInt128 Key = BinaryPrimitives.ReadUInt128LittleEndian(RandomNumberGenerator.GetBytes(16));

    /// <summary>The hash of the root.</summary>
    internal static readonly UInt128 Root = Child(0, "/"u8);

    /// <summary>Returns the hash of a name in a directory whose hash is known.</summary>
    internal static UInt128 Child(UInt128 directory, ReadOnlySpan<byte> name)
    {
        var state = new State(Key);
        state.Add((ulong)directory);
        state.Add((ulong)(directory >> 64));
        return state.Finish(name, sizeof(ulong) * 2);
    }

    /// <summary>Returns the hash of a path in normal form.</summary>
    internal static UInt128 Of(ReadOnlySpan<byte> path)
    {
        var hash = Root;
        while (LayerPath.TakeComponent(ref path, out var component))
        {
            hash = Child(hash, component);
        }

        return hash;
    }

    /// <summary>Returns SipHash-2-4-128 of a message, for comparison with other implementations.</summary>
    internal static UInt128 Sum(UInt128 key, ReadOnlySpan<byte> message) => new State(key).Finish(message, lengthBefore: 0);

    private struct State
    {
        private ulong _a, _b, _c, _d;

        internal State(UInt128 key)
        {
            var (low, high) = ((ulong)key, (ulong)(key >> 64));
            _a = low ^ 0x736F6D6570736575;
            _b = high ^ 0x646F72616E646F6D ^ 0xEE; // 0xEE: output of 128 bits
            _c = low ^ 0x6C7967656E657261;
            _d = high ^ 0x7465646279746573;
        }

        internal void Add(ulong word)
        {
            _d ^= word;
            Round();
            Round();
            _a ^= word;
        }

        /// <summary>Adds the rest of the message and its length in bytes, of which <paramref name="lengthBefore"/> were added already.</summary>
        internal UInt128 Finish(ReadOnlySpan<byte> rest, int lengthBefore)
        {
            var last = (ulong)(byte)(lengthBefore + rest.Length) << 56;
            for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
            {
                Add(BinaryPrimitives.ReadUInt64LittleEndian(rest));
            }

            for (var i = 0; i < rest.Length; i++)
            {
                last |= (ulong)rest[i] << (8 * i);
            }

            Add(last);
            _c ^= 0xEE;
            var low = Mix();
            _b ^= 0xDD;
            return new UInt128(upper: Mix(), low);
        }

        private ulong Mix()
        {
            for (var i = 0; i < 4; i++)
            {
                Round();
            }

            return _a ^ _b ^ _c ^ _d;
        }

        private void Round()
        {
            _a += _b;
            _c += _d;
            _b = BitOperations.RotateLeft(_b, 13) ^ _a;
            _d = BitOperations.RotateLeft(_d, 16) ^ _c;
            _a = BitOperations.RotateLeft(_a, 32);
            _c += _b;
            _a += _d;
            _b = BitOperations.RotateLeft(_b, 17) ^ _c;
            _d = BitOperations.RotateLeft(_d, 21) ^ _a;
            _c = BitOperations.RotateLeft(_c, 32);
        }
    }
}
