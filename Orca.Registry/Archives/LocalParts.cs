using Orca.Core.Images;

namespace Orca.Registry.Archives;

/// <summary>Layers that need no fetching: every part is complete, and is read where it lies. So a pull from an archive copies nothing.</summary>
internal sealed class LocalParts(LocalImage image) : IPartStore
{
    public IBlobPart Open(Descriptor blob, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new Part(image, blob);
    }

    private sealed class Part(LocalImage image, Descriptor blob) : IBlobPart
    {
        public long Length => blob.Size;

        public void Append(ReadOnlySpan<byte> bytes) => throw new InvalidOperationException("the part is complete");

        public Stream OpenRead() => image.OpenLayer(blob);

        /// <summary>Wrong bytes of somebody's file stay as they are: reading them again gives the same error.</summary>
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
}
