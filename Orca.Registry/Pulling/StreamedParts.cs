using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Pulling;

/// <summary>Parts that are stored nowhere: the bytes of a layer come from its source when they are read, and from its first byte again when they are read again.</summary>
/// <remarks>
/// For memory cards, which every write wears. Layers come one after the other, as the tree needs them; the next may begin while the end of one is checked. A connection that breaks is continued by the source; a pull that ends begins anew.
/// </remarks>
/// <param name="source">Where the bytes come from.</param>
/// <param name="reference">The image they belong to.</param>
/// <param name="cancellationToken">Ends every read.</param>
internal sealed class StreamedParts(IImageSource source, ImageReference reference, CancellationToken cancellationToken) : IPartStore
{
    public IBlobPart Open(Descriptor blob, CancellationToken waiting = default) => new Part(this, blob);

    /// <summary>A part that has all of its bytes, so that nothing is to be fetched into it.</summary>
    private sealed class Part(StreamedParts parts, Descriptor blob) : IBlobPart
    {
        public long Length => blob.Size;

        public void Append(ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

        public Stream OpenRead() => new Reader(parts, blob);

        public void Reset()
        {
        }

        public void Delete()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class Reader(StreamedParts parts, Descriptor blob) : Stream
    {
        private Stream? _stream;
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => blob.Size;

        public override long Position
        {
            get => _position;
            set
            {
                if (value != _position)
                {
                    Close(ref _stream);
                    _position = value;
                }
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count), parts.Token).AsTask().GetAwaiter().GetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer = buffer[..(int)Math.Min(buffer.Length, blob.Size - _position)];
            if (buffer.IsEmpty)
            {
                return 0;
            }

            _stream ??= await parts.Source.OpenBlobAsync(parts.Reference, blob, _position, cancellationToken).ConfigureAwait(false);
            var count = await _stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _position += count;
            if (_position == blob.Size)
            {
                Close(ref _stream); // its connection is free for the next layer
            }

            return count > 0 ? count : throw new ContentException($"cannot fetch layer {blob.Digest}: truncated after {_position} of {blob.Size} bytes");
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => blob.Size + offset,
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
                Close(ref _stream);
            }

            base.Dispose(disposing);
        }

        private static void Close(ref Stream? stream)
        {
            stream?.Dispose();
            stream = null;
        }
    }

    private IImageSource Source => source;

    private ImageReference Reference => reference;

    private CancellationToken Token => cancellationToken;
}
