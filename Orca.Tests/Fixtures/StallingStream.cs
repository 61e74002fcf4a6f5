using Orca.Registry.Layers;

namespace Orca.Tests.Fixtures;

/// <summary>Gives some bytes, and then nothing more until the read is cancelled: a line that went silent.</summary>
internal sealed class StallingStream(byte[] bytes, int after) : ForwardStream
{
    private int _position;

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, Math.Min(after, bytes.Length) - _position);
        if (count == 0)
        {
            Thread.Sleep(Timeout.Infinite);
        }

        bytes.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == Math.Min(after, bytes.Length))
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return Read(buffer.Span);
    }
}
