using Orca.Registry.Layers;

namespace Orca.Tests.Fixtures;

/// <summary>Gives some bytes and then throws.</summary>
internal sealed class FailingStream(byte[] bytes, Exception failure) : ForwardStream
{
    private int _position;

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, bytes.Length - _position);
        if (count == 0 && !buffer.IsEmpty)
        {
            throw failure;
        }

        bytes.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}
