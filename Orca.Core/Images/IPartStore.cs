namespace Orca.Core.Images;

/// <summary>Compressed bytes that a pull has fetched so far, kept by digest until their layer is in a published tree.</summary>
public interface IPartStore
{
    /// <summary>Opens the part of a blob, making it when missing. Waits while another process holds the same one, until cancelled.</summary>
    IBlobPart Open(Descriptor blob, CancellationToken cancellationToken = default);
}

/// <summary>The first bytes of one blob, held exclusively. Disposing keeps the bytes for the next run.</summary>
public interface IBlobPart : IDisposable
{
    /// <summary>How many bytes are there.</summary>
    long Length { get; }

    /// <summary>Adds bytes at the end.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Reads from the start; may be open while bytes are appended, and sees them.</summary>
    /// <remarks>The stream can seek. It stays readable after the part was disposed, reset or deleted, and sees the bytes that were there before.</remarks>
    Stream OpenRead();

    /// <summary>Forgets the bytes: they were wrong.</summary>
    void Reset();

    /// <summary>Deletes the part: its layer is in a published tree.</summary>
    void Delete();
}
