using System.IO.Compression;

namespace Orca.Registry.Pushing;

/// <summary>Compresses with gzip on all processors: each megabyte is a member of its own, so that the bytes depend on the input alone.</summary>
/// <remarks>Source: RFC 1952, 2.2: a file is a series of members. Go's reader, zlib and orca read them as one stream.</remarks>
internal static class BlockGzip
{
    private const int Block = 1 << 20;

    /// <summary>Compresses a stream to its end.</summary>
    internal static void Compress(Stream input, Action<ReadOnlyMemory<byte>> output, CancellationToken cancellationToken)
    {
        var running = new Queue<Task<MemoryStream>>();
        for (var isFirst = true; ; isFirst = false)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var block = GC.AllocateUninitializedArray<byte>(Block);
            var length = input.ReadAtLeast(block, Block, throwOnEndOfStream: false);
            if (length > 0 || isFirst)
            {
                running.Enqueue(Task.Run(() => Member(block.AsMemory(0, length)), cancellationToken));
            }

            while (running.Count > (length < Block ? 0 : Environment.ProcessorCount * 2))
            {
                var member = running.Dequeue().GetAwaiter().GetResult();
                output(member.GetBuffer().AsMemory(0, (int)member.Length));
            }

            if (length < Block)
            {
                return;
            }
        }
    }

    private static MemoryStream Member(ReadOnlyMemory<byte> block)
    {
        var member = new MemoryStream(Block / 2);
        using (var gzip = new GZipStream(member, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(block.Span);
        }

        return member;
    }
}
