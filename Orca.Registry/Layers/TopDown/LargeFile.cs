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
    private readonly Fd _file = file;
    private HoleWriter _holes = new(file);
    private long _begun;

    internal void Write(ReadOnlySpan<byte> piece, uint umask)
    {
        try
        {
            _holes.Write(piece);
            if (_holes.Length == _size)
            {
                Finish(umask);
            }
            else if (_holes.Length - _begun >= WritebackStep)
            {
                FileSystem.BeginWriteback(_file);
                _begun = _holes.Length;
            }
        }
        catch (LinuxException e)
        {
            throw LayerFault.Explain(_entry, e);
        }
    }

    /// <summary>Gives it up. Nobody writes any more.</summary>
    internal void Abandon() => _file.Dispose();

    private void Finish(uint umask)
    {
        _holes.Finish();
        if ((created & ~umask) != mode)
        {
            FileSystem.SetMode(_file, mode); // after writing, which clears set-id bits
        }

        _ = FileSystem.TrySetTime(_file, _modified);
        FileSystem.BeginWriteback(_file);
        _file.Dispose();
    }
}
