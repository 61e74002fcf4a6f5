using System.Buffers.Binary;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Core.Containers;

/// <summary>What a detached container has printed at one moment.</summary>
/// <param name="Time">When.</param>
/// <param name="Stream">1 for standard output, 2 for standard error; <see cref="Lost"/> where bytes are missing.</param>
/// <param name="Bytes">The bytes; not necessarily whole lines. Of a loss, how many bytes there were, in decimal.</param>
public readonly record struct LogRecord(DateTimeOffset Time, int Stream, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Instead of a stream: the disk was full.</summary>
    public const int Lost = 3;
}

/// <summary>Reads the log of a detached container, which may be growing: <c>log.1</c>, the older half, and <c>log</c>.</summary>
/// <remarks>
/// The process beside the container writes it (Child/journal.h): for each record its time in nanoseconds since 1970, its length and its stream, 16 bytes, and then the bytes. It renames
/// <c>log</c> to <c>log.1</c> when that is full. A reader who has the file open reads it to its end, and then looks for a new one.
/// A damaged file ends where its records make no sense.
/// </remarks>
public sealed class ContainerLog : IDisposable
{
    private const int Head = 16;
    private const int MaxRecord = 1 << 16; // the writer's are of 4096 bytes
    private readonly Fd _directory;
    private readonly byte[] _buffer = new byte[MaxRecord + Head];
    private Fd? _file;
    private ulong _inode;
    private long _position;
    private bool _isDamaged;

    /// <summary>Begins to read at the oldest record, or at the end. Takes the directory over.</summary>
    /// <param name="directory">The container's directory.</param>
    /// <param name="atEnd">True: what is there already is passed over.</param>
    public ContainerLog(Fd directory, bool atEnd = false)
    {
        _directory = directory;
        if (atEnd)
        {
            if (Open("log\0"u8))
            {
                _position = FileSystem.Status(_file!).Size;
            }
        }
        else if (!Open("log.1\0"u8))
        {
            Open("log\0"u8);
        }
    }

    /// <summary>Whether there is a log at all.</summary>
    public bool Exists => _file is not null;

    /// <summary>Reads the next record; false when there is none yet. Its bytes are valid until the next call.</summary>
    public bool TryRead(out LogRecord record)
    {
        record = default;
        while (true)
        {
            if (_file is null && !Open("log\0"u8))
            {
                return false;
            }

            if (!_isDamaged && ReadHere(out record))
            {
                return true;
            }

            if (!IsReplaced())
            {
                return false;
            }

            // The writer has renamed the file after its last record: what came between the last look and that is read first.
            if (!_isDamaged && ReadHere(out record))
            {
                return true;
            }

            if (!Open("log\0"u8))
            {
                return false;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _directory.Dispose();
    }

    private bool ReadHere(out LogRecord record)
    {
        record = default;
        var count = FileSystem.ReadAt(_file!, _buffer, _position);
        if (count < Head)
        {
            return false;
        }

        var nanoseconds = BinaryPrimitives.ReadInt64LittleEndian(_buffer);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(8));
        var stream = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(12));
        if (length > MaxRecord || stream is 0 or > LogRecord.Lost || nanoseconds < 0)
        {
            _isDamaged = true;
            return false;
        }

        if (count < Head + length)
        {
            return false; // it is being written
        }

        record = new LogRecord(DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100), (int)stream, _buffer.AsMemory(Head, (int)length));
        _position += Head + length;
        return true;
    }

    /// <summary>Whether another file has taken the name since.</summary>
    private bool IsReplaced() => FileSystem.TryStatus(_directory, PathZ.OfTerminated("log\0"u8), out var newest) == Errno.None && newest.Inode != _inode;

    private bool Open(ReadOnlySpan<byte> name)
    {
        if (FileSystem.TryOpen(_directory, PathZ.OfTerminated(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file) != Errno.None)
        {
            return false;
        }

        _file?.Dispose();
        (_file, _position, _isDamaged, _inode) = (file, 0, false, FileSystem.Status(file!).Inode);
        return true;
    }
}
