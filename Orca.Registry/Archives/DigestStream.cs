using System.Security.Cryptography;
using Orca.Core.References;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>Passes bytes on and tells what they were: for content that nobody has described yet. Owns its stream.</summary>
internal sealed class DigestStream(Stream inner) : ForwardStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Digest? _digest;

    /// <summary>How many bytes have passed.</summary>
    internal long BytesRead { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        if (count == 0 && !buffer.IsEmpty)
        {
            _digest ??= Digest.OfSha256(_hash.GetHashAndReset());
        }

        _hash.AppendData(buffer[..count]);
        BytesRead += count;
        return count;
    }

    /// <summary>The digest of all bytes, once the end was read; also when the stream is disposed by then.</summary>
    internal Digest ToDigest() => _digest ?? throw new InvalidOperationException("the end was not read");

    /// <summary>Reads a stream to its end.</summary>
    /// <returns>The digest and the number of its bytes.</returns>
    internal static (Digest Digest, long Size) Measure(Stream stream, CancellationToken cancellationToken)
    {
        using var digest = new DigestStream(stream);
        var buffer = new byte[256 * 1024];
        while (digest.Read(buffer) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return (digest.ToDigest(), digest.BytesRead);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
