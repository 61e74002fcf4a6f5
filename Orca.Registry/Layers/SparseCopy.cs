using System.Buffers;
using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>Copies what a file contains: by sharing its blocks where the file system can, else its data, with holes for blocks of zeros.</summary>
internal static class SparseCopy
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Copies into a file that is empty.</summary>
    /// <param name="source">What to copy.</param>
    /// <param name="target">The new file.</param>
    /// <param name="size">The size of the source.</param>
    internal static void Fill(Fd source, Fd target, long size)
    {
        if (size == 0 || FileSystem.TryClone(source, target) == Errno.None)
        {
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var scanner = new DataScanner(source, size, buffer);
            var end = 0L;
            while (scanner.TryNext(out var offset, out var data))
            {
                FileSystem.WriteAt(target, data, offset);
                end = offset + data.Length;
            }

            if (end < size)
            {
                FileSystem.SetLength(target, size);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
