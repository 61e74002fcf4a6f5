using System.Buffers;
using System.Text;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>Writes the archive around images: few files, all root's, of no time.</summary>
internal sealed class TarArchiveWriter(Stream output)
{
    private const uint FileMode = 0b110_100_100;      // 0644
    private const uint DirectoryMode = 0b111_101_101; // 0755
    private const int BufferSize = 256 * 1024;

    private readonly ArrayBufferWriter<byte> _header = new(1024);

    internal void AddDirectory(string name) => WriteHeader(new TreeItem { Path = Encoding.ASCII.GetBytes(name), Kind = EntryKind.Directory, Mode = DirectoryMode });

    internal void AddFile(string name, ReadOnlySpan<byte> content)
    {
        WriteHeader(new TreeItem { Path = Encoding.ASCII.GetBytes(name), Kind = EntryKind.File, Mode = FileMode, Size = content.Length });
        output.Write(content);
        WritePadding(content.Length);
    }

    /// <summary>Adds a file whose stream has exactly <paramref name="size"/> bytes, and says so itself when it has not.</summary>
    internal void AddFile(string name, Stream content, long size, CancellationToken cancellationToken)
    {
        WriteHeader(new TreeItem { Path = Encoding.ASCII.GetBytes(name), Kind = EntryKind.File, Mode = FileMode, Size = size });
        Copy(content, output, cancellationToken);
        WritePadding(size);
    }

    /// <summary>Ends the archive.</summary>
    internal void End() => output.Write(new byte[2 * TarHeaderWriter.Block]);

    internal static void Copy(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (from.Read(buffer) is > 0 and var count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                to.Write(buffer.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void WriteHeader(TreeItem item)
    {
        _header.ResetWrittenCount();
        TarHeaderWriter.Write(_header, item);
        output.Write(_header.WrittenSpan);
    }

    private void WritePadding(long size)
    {
        Span<byte> zeros = stackalloc byte[TarHeaderWriter.Block];
        zeros.Clear();
        output.Write(zeros[..TarHeaderWriter.PaddingOf(size)]);
    }
}
