namespace Orca.Registry.Layers.Compression;

/// <summary>Passes on a layer that is not compressed.</summary>
internal sealed class PlainDecoder(InputWindow input) : ForwardStream
{
    public override int Read(Span<byte> buffer)
    {
        if (!input.Fill())
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, input.Available.Length);
        input.Available[..count].CopyTo(buffer);
        input.Advance(count);
        return count;
    }
}
