using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Orca.Core.Linux;

/// <summary>Lists a directory with getdents64(2): names as bytes, without <c>.</c> and <c>..</c>, in the kernel's order.</summary>
public static class DirectoryReader
{
    private const int GetDents64X64 = 217;
    private const int GetDents64Arm64 = 61;
    private const int BufferSize = 32768;

    /// <summary>All names in the directory, with their kind where the file system tells it (null where it does not).</summary>
    /// <remarks>Reads from the descriptor's position: pass one that was just opened.</remarks>
    public static List<(byte[] Name, FileKind? Kind)> ReadAll(Fd directory) => [.. Read(directory)];

    /// <summary>As <see cref="ReadAll"/>, a piece at a time: however many names there are, few are in memory.</summary>
    /// <remarks>
    /// Names may be removed meanwhile; of what is added, and on some file systems of what stands beside the removed, nobody knows whether it comes. Who empties a directory
    /// reads it until nothing is left.
    /// </remarks>
    public static IEnumerable<(byte[] Name, FileKind? Kind)> Read(Fd directory)
    {
        using var buffer = new Buffer();
        while (buffer.Fill(directory))
        {
            while (buffer.Next(out var name, out var kind))
            {
                yield return (name, kind);
            }
        }
    }

    /// <summary>Not of the collector's memory: it would be new pages for each directory.</summary>
    private sealed unsafe class Buffer : IDisposable
    {
        private readonly byte* _bytes = (byte*)NativeMemory.Alloc(BufferSize);
        private int _at;
        private int _end;

        internal bool Fill(Fd directory)
        {
            var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? GetDents64Arm64 : GetDents64X64;
            var length = Native.syscall(number, directory.Number, (nint)_bytes, BufferSize, 0, 0, 0);
            Call.Check(length, "list", directory);
            (_at, _end) = (0, (int)length);
            return length > 0;
        }

        internal bool Next(out byte[] name, out FileKind? kind)
        {
            while (_at < _end)
            {
                var entry = new ReadOnlySpan<byte>(_bytes + _at, _end - _at);
                entry = entry[..BinaryPrimitives.ReadUInt16LittleEndian(entry[16..])];
                _at += entry.Length;
                var bytes = entry[19..];
                bytes = bytes[..bytes.IndexOf((byte)0)];
                if (!bytes.SequenceEqual("."u8) && !bytes.SequenceEqual(".."u8))
                {
                    (name, kind) = (bytes.ToArray(), entry[18] == 0 ? null : (FileKind)(entry[18] << 12));
                    return true;
                }
            }

            (name, kind) = ([], null);
            return false;
        }

        public void Dispose() => NativeMemory.Free(_bytes);
    }
}
