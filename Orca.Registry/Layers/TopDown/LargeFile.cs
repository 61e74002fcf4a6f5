using Orca.Core.Linux;

namespace Orca.Registry.Layers.TopDown;

/// <summary>A file on its way to the disk piece by piece, each piece a batch; one thread at a time writes, in order.</summary>
internal sealed class LargeFile(Fd file, LayerEntry entry, uint created, uint mode)
{
    /// <summary>So much may wait for the disk until it is told to begin: it would be idle until the tree is synced.</summary>
    private const long WritebackStep = 8 * 1024 * 1024;

    private readonly LayerEntry _entry = entry.CopyOfPlace();
    private readonly (long Seconds, uint Nanoseconds) _modified = entry.Modified;
    private readonly long _size = entry.Size;
    private long _written;
    private long _begun;

    internal void Write(ReadOnlySpan<byte> piece, uint umask)
    {
        try
        {
            FileSystem.Write(file, piece);
            _written += piece.Length;
            if (_written == _size)
            {
                Finish(umask);
            }
            else if (_written - _begun >= WritebackStep)
            {
                FileSystem.BeginWriteback(file);
                _begun = _written;
            }
        }
        catch (LinuxException e)
        {
            throw LayerFault.Explain(_entry, e);
        }
    }

    /// <summary>Gives it up. Nobody writes any more.</summary>
    internal void Abandon() => file.Dispose();

    private void Finish(uint umask)
    {
        if ((created & ~umask) != mode)
        {
            FileSystem.SetMode(file, mode); // after writing, which clears set-id bits
        }

        _ = FileSystem.TrySetTime(file, _modified);
        FileSystem.BeginWriteback(file);
        file.Dispose();
    }
}
