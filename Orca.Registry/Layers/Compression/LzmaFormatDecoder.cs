using Orca.Core.Errors;
using SharpCompress.Compressors.LZMA;

namespace Orca.Registry.Layers.Compression;

/// <summary>The base of the decoders whose data are LZMA, which SharpCompress decodes: it keeps in memory how far the data look back.</summary>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them.</param>
/// <param name="format">The name of the format, which is also the name of its program.</param>
internal abstract class LzmaFormatDecoder(InputWindow input, string name, string format) : FormatDecoder(input, name, format)
{
    /// <summary>From here on the windows of decoders that are done are worth collecting. xz takes 8 MiB unless told otherwise.</summary>
    private const ulong Large = 16 << 20;

    /// <summary>What xz -9 takes (lzip -9: 32 MiB), and the most that SharpCompress decodes.</summary>
    private const long Longest = 64 << 20;

    private readonly LibraryInput _library = new(input);
    private LzmaStream? _stream;
    private ulong _largestWindow;
    private long _start;

    /// <summary>Gets how many bytes came out of the data so far.</summary>
    protected ulong Written { get; private set; }

    /// <summary>Gets how many bytes went in since the <see cref="Begin"/> of the data.</summary>
    protected ulong Taken => (ulong)(Input.Taken - _start);

    /// <summary>Whether data are being decoded.</summary>
    protected bool IsOpen => _stream is not null;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Refuses a window that is too long, before any memory is taken for it.</summary>
    protected void RequireWindow(ulong bytes)
    {
        if (bytes > Longest)
        {
            throw Fault($"its {Format} dictionary of {bytes >> 20} MiB exceeds limit of {Longest >> 20} MiB", $"compress it again with a smaller one, for instance '{Format} -9'");
        }

        if (bytes <= _largestWindow)
        {
            return;
        }

        _largestWindow = bytes;
        if (bytes > Large)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true); // else another layer's window stays until the collector runs by itself, beside this one
        }
    }

    /// <summary>Begins with the data, which are next in the input.</summary>
    /// <param name="properties">The properties of the data.</param>
    /// <param name="isSecond">Whether they are LZMA2.</param>
    protected void Begin(byte[] properties, bool isSecond)
    {
        (_start, Written) = (Input.Taken, 0);
        try
        {
            _stream = isSecond
                ? LzmaStream.Create(properties, new Lzma2Input(_library), -1, -1, null, isLzma2: true, leaveOpen: true)
                : LzmaStream.Create(properties, _library, leaveOpen: true);
        }
        catch (Exception e) when (e is not (OrcaException or OutOfMemoryException))
        {
            throw Explain(_library, e);
        }
    }

    /// <summary>Decodes a piece; 0 at the end of the data.</summary>
    protected int Decode(Span<byte> buffer)
    {
        try
        {
            var count = _stream!.Read(buffer);
            Written += (ulong)count;
            return count;
        }
        catch (Exception e) when (e is not (OrcaException or OutOfMemoryException))
        {
            throw Explain(_library, e);
        }
    }

    /// <summary>Ends the data.</summary>
    protected void End()
    {
        _stream!.Dispose();
        _stream = null;
    }
}
