using System.Runtime.InteropServices;

namespace Orca.Registry.Layers.Compression;

/// <summary>How a call of the inflater ended.</summary>
internal enum InflateResult
{
    /// <summary>It wants more input or more room.</summary>
    More,

    /// <summary>A member is complete, its checksum and length right.</summary>
    End,

    /// <summary>The bytes are not gzip; <see cref="Inflater.Message"/> says why.</summary>
    Malformed,

    /// <summary>zlib got no memory.</summary>
    OutOfMemory,
}

/// <summary>zlib-ng's inflate, as the .NET runtime carries it, one gzip member at a time.</summary>
/// <remarks>
/// The runtime's GZipStream does not tell where a member ends, nor that its input was cut; zlib does. This calls the same native
/// library behind its back: four exports that have not changed since .NET Core 1.0 (pal_zlib.h in dotnet/runtime). It is part of the
/// shared framework and linked into every native AOT binary. A test fails when a runtime no longer has it.
/// </remarks>
internal sealed unsafe partial class Inflater : IDisposable
{
    private const string Library = "libSystem.IO.Compression.Native";
    private const int GzipOnly = 31; // windowBits 15 + 16: header and trailer are read and checked by zlib
    private const int NoFlush = 0, Block = 5;
    private const int Ok = 0, StreamEnd = 1, MemoryError = -4, BufferError = -5;

    private ZStream* _stream;

    internal Inflater()
    {
        // zlib keeps a pointer back to this structure, so it must not move.
        _stream = (ZStream*)NativeMemory.AllocZeroed((nuint)sizeof(ZStream));
        if (InflateInit2(_stream, GzipOnly) != Ok)
        {
            NativeMemory.Free(_stream);
            throw new InsufficientMemoryException();
        }
    }

    ~Inflater() => Free();

    /// <summary>What zlib says about malformed input; null when it says nothing.</summary>
    internal string? Message => Marshal.PtrToStringUTF8((nint)_stream->Message);

    /// <summary>Gets ready for another member.</summary>
    internal void Reset() => _ = InflateReset2(_stream, GzipOnly);

    /// <summary>Inflates from one span into another; <paramref name="stopAfterHeader"/> makes it stop where the compressed data begins.</summary>
    internal InflateResult Inflate(ReadOnlySpan<byte> input, Span<byte> output, bool stopAfterHeader, out int used, out int written)
    {
        fixed (byte* from = input, to = output)
        {
            _stream->NextIn = from;
            _stream->AvailableIn = (uint)input.Length;
            _stream->NextOut = to;
            _stream->AvailableOut = (uint)output.Length;
            var code = Inflate(_stream, stopAfterHeader ? Block : NoFlush);
            used = input.Length - (int)_stream->AvailableIn;
            written = output.Length - (int)_stream->AvailableOut;
            return code switch
            {
                Ok or BufferError => InflateResult.More,
                StreamEnd => InflateResult.End,
                MemoryError => InflateResult.OutOfMemory,
                _ => InflateResult.Malformed, // a wish for a dictionary, too
            };
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_stream is not null)
        {
            _ = InflateEnd(_stream);
            NativeMemory.Free(_stream);
            _stream = null;
        }
    }

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateInit2_")]
    private static partial int InflateInit2(ZStream* stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateReset2_")]
    private static partial int InflateReset2(ZStream* stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Inflate")]
    private static partial int Inflate(ZStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateEnd")]
    private static partial int InflateEnd(ZStream* stream);

    /// <summary>PAL_ZStream of pal_zlib.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ZStream
    {
        public byte* NextIn;
        public byte* NextOut;
        public byte* Message;
        public void* Internal;
        public uint AvailableIn;
        public uint AvailableOut;
    }
}
