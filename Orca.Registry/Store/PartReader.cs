using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Reads a part from its start; can go back.</summary>
internal sealed class PartReader(Fd file) : Stream
{
    /// <summary>What is behind by so much makes room in memory: the tree needs pages, and fresh ones are dear, in virtual machines above all.</summary>
    private const int Step = 4 * 1024 * 1024;

    private long _position;
    private long _forgotten;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => FileSystem.Status(file).Size;

    public override long Position
    {
        get => _position;
        set
        {
            FileSystem.Seek(file, value);
            _position = _forgotten = value;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var count = FileSystem.Read(file, buffer);
        _position += count;
        if (_position - _forgotten >= Step)
        {
            // Twice: the first time most of it is still on its way to the disk, and only sent off.
            FileSystem.ForgetCached(file, Math.Max(0, _forgotten - Step), _position - Math.Max(0, _forgotten - Step));
            _forgotten = _position;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
