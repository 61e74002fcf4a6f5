using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.Fakes;

/// <summary>Parts in memory.</summary>
internal sealed class MemoryPartStore : IPartStore
{
    private readonly Dictionary<Digest, SharedBytes> _parts = [];
    private readonly Dictionary<Digest, SemaphoreSlim> _locks = [];

    public int Count
    {
        get
        {
            lock (_parts)
            {
                return _parts.Count;
            }
        }
    }

    public IBlobPart Open(Descriptor blob, CancellationToken cancellationToken = default)
    {
        SemaphoreSlim? gate;
        lock (_parts)
        {
            if (!_locks.TryGetValue(blob.Digest, out gate))
            {
                _locks[blob.Digest] = gate = new SemaphoreSlim(1);
            }
        }

        gate.Wait(cancellationToken);
        var part = new Part(this, blob.Digest, gate);
        if (part.Length > blob.Size)
        {
            part.Reset();
        }

        return part;
    }

    /// <summary>Forgets the parts that nobody holds.</summary>
    public int Sweep()
    {
        lock (_parts)
        {
            var free = _parts.Keys.Where(digest => _locks[digest].CurrentCount > 0).ToList();
            free.ForEach(digest => _parts.Remove(digest));
            return free.Count;
        }
    }

    private SharedBytes Bytes(Digest digest)
    {
        lock (_parts)
        {
            return _parts.TryGetValue(digest, out var bytes) ? bytes : _parts[digest] = new SharedBytes();
        }
    }

    private void Forget(Digest digest)
    {
        lock (_parts)
        {
            _parts.Remove(digest);
        }
    }

    private sealed class Part(MemoryPartStore store, Digest digest, SemaphoreSlim gate) : IBlobPart
    {
        private SharedBytes _bytes = store.Bytes(digest);
        private bool _isDisposed;

        public long Length => _bytes.Length;

        public void Append(ReadOnlySpan<byte> bytes) => _bytes.Append(bytes);

        public Stream OpenRead() => new SharedReader(_bytes);

        public void Reset()
        {
            store.Forget(digest);
            _bytes = store.Bytes(digest);
        }

        public void Delete() => store.Forget(digest);

        public void Dispose()
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                gate.Release();
            }
        }
    }
}
