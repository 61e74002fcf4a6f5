namespace Orca.Tests.Fakes;

/// <summary>Bytes that one side appends and others read.</summary>
internal sealed class SharedBytes
{
    private readonly List<byte> _bytes = [];

    public int Length
    {
        get
        {
            lock (_bytes)
            {
                return _bytes.Count;
            }
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_bytes)
        {
            _bytes.AddRange(bytes);
        }
    }

    public int Read(long position, Span<byte> buffer)
    {
        lock (_bytes)
        {
            var count = (int)Math.Min(buffer.Length, _bytes.Count - position);
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes).Slice((int)position, count).CopyTo(buffer);
            return count;
        }
    }
}

/// <summary>Reads shared bytes from the start.</summary>
internal sealed class SharedReader(SharedBytes bytes) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => bytes.Length;

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        var count = bytes.Read(Position, buffer);
        Position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
