using ICSharpCode.SharpZipLib.Lzw;
using Orca.Core.Errors;

namespace Orca.Registry.Layers.Compression;

/// <summary>Decompresses what compress(1) writes, with SharpZipLib.</summary>
/// <remarks>
/// The format has neither a length nor a checksum nor an end: all that follows belongs to it, and a cut is found only by what reads the result (the end mark of an
/// archive, the digests of a layer).
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
internal sealed class LzwDecoder(InputWindow input, string name) : FormatDecoder(input, name, "compress (.Z)")
{
    private LzwInputStream? _stream;
    private Source? _source;

    public override int Read(Span<byte> buffer)
    {
        if (_stream is null)
        {
            Begin();
        }

        try
        {
            return _stream!.Read(buffer);
        }
        catch (Exception e) when (e is not (OrcaException or OperationCanceledException or OutOfMemoryException))
        {
            throw Fault($"{(_source!.IsAtEnd ? "truncated or malformed" : "malformed")} {Format} stream", exception: e);
        }
    }

    private void Begin()
    {
        var header = Require(3);

        // The library takes any number of bits in the header, and fails at fewer than 9 in ways of its own.
        if ((header[2] & 0x1f) is < 9 or > 16 || (header[2] & 0x60) != 0)
        {
            throw Malformed();
        }

        _source = new Source(Input);
        _stream = new LzwInputStream(_source) { IsStreamOwner = false };
    }

    /// <summary>The end of the input is the end of the stream here. The library wants its header in one read.</summary>
    private sealed class Source(InputWindow input) : ForwardStream
    {
        internal bool IsAtEnd { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            IsAtEnd = !input.Fill();
            var available = buffer.Length <= 3 ? input.Peek(buffer.Length) : input.Available;
            var count = Math.Min(buffer.Length, available.Length);
            available[..count].CopyTo(buffer);
            input.Advance(count);
            return count;
        }
    }
}
