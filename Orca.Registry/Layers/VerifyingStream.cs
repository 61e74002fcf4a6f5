using System.Security.Cryptography;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Registry.Layers;

/// <summary>Passes bytes on and checks at their end that they were the promised ones; nobody behind it can forget to.</summary>
/// <remarks>
/// The end is where the inner stream ends: a reader that stops early has verified nothing and calls <see cref="Drain"/>.
/// A failed check is thrown by the read that meets the end, and by every read after it.
/// </remarks>
internal sealed class VerifyingStream : ForwardStream
{
    private readonly Stream _inner;
    private readonly IncrementalHash _hash;
    private readonly Digest _digest;
    private readonly long? _size;
    private readonly string _name;
    private ContentException? _fault;
    private bool _isVerified;

    /// <summary>Wraps a stream, which it owns.</summary>
    /// <param name="inner">Where the bytes come from.</param>
    /// <param name="digest">What they must be.</param>
    /// <param name="size">How many they must be; null when nobody said.</param>
    /// <param name="name">How messages call them, such as <c>layer sha256:...</c>.</param>
    internal VerifyingStream(Stream inner, Digest digest, long? size, string name)
    {
        _inner = inner;
        _digest = digest;
        _size = size;
        _name = name;
        _hash = IncrementalHash.CreateHash(digest.HashAlgorithm);
    }

    /// <summary>How many bytes have passed.</summary>
    internal long BytesRead { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        if (_fault is not null)
        {
            throw _fault;
        }

        if (buffer.IsEmpty || _isVerified)
        {
            return 0;
        }

        var count = _inner.Read(buffer);
        if (count == 0)
        {
            Verify();
            return 0;
        }

        BytesRead += count;
        if (BytesRead > _size)
        {
            throw _fault = new ContentException($"cannot verify {_name}: it has more than the promised {_size} bytes");
        }

        _hash.AppendData(buffer[..count]);
        return count;
    }

    /// <summary>Reads what is left, so that all of it is verified.</summary>
    /// <exception cref="ContentException">The bytes are not the promised ones.</exception>
    internal void Drain()
    {
        Span<byte> rest = stackalloc byte[16 * 1024];
        while (Read(rest) > 0)
        {
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Verify()
    {
        if (BytesRead < _size)
        {
            throw _fault = new ContentException($"cannot verify {_name}: truncated after {BytesRead} of {_size} bytes");
        }

        Span<byte> hash = stackalloc byte[64];
        hash = hash[.._hash.GetHashAndReset(hash)];
        var actual = Digest.OfHash(hash);
        if (actual != _digest)
        {
            throw _fault = new ContentException($"cannot verify {_name}: expected {_digest}, got {actual}");
        }

        _isVerified = true;
    }
}
