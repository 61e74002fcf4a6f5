using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>Writes a new file from its start, piece by piece, and leaves out its blocks of zeros: they become holes.</summary>
/// <remarks>A page that is not written costs nothing, and to look at a block takes no time unless it is zeros. Layers store lastlog, databases and disk images as zeros.</remarks>
/// <param name="file">The file, which is empty.</param>
internal struct HoleWriter(Fd file)
{
    private readonly Fd _file = file;
    private long _position;
    private long _end;

    /// <summary>Bytes of the file so far.</summary>
    internal readonly long Length => _position;

    /// <summary>Adds bytes.</summary>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        // The first block of the file that the bytes touch may be theirs in part only.
        var head = (int)Math.Min(bytes.Length, -_position & (DataScanner.Block - 1));
        WriteBlocks(bytes[..head]);
        WriteBlocks(bytes[head..]);
    }

    /// <summary>Adds a hole.</summary>
    internal void Skip(long count) => _position += count;

    /// <summary>Gives the file its length, if it ends in a hole.</summary>
    internal readonly void Finish()
    {
        if (_end < _position)
        {
            FileSystem.SetLength(_file, _position);
        }
    }

    private void WriteBlocks(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var zeros = DataScanner.Zeros(bytes);
            _position += zeros;
            bytes = bytes[zeros..];
            var data = DataScanner.Data(bytes);
            if (data > 0)
            {
                FileSystem.WriteAt(_file, bytes[..data], _position);
                _position += data;
                _end = _position;
                bytes = bytes[data..];
            }
        }
    }
}
