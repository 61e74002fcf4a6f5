using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers.Reuse;

/// <summary>Writes a file of records one after another; its last eight bytes are the <see cref="ContentSum"/> of all before them.</summary>
internal sealed class RecordFileWriter : IDisposable
{
    private const int FlushAt = 64 * 1024;
    private const uint FileMode = 0b110_000_000; // 0600

    private readonly Fd _file;
    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt + 4096);
    private ContentSum _sum = new();

    internal RecordFileWriter(Fd directory, string name, string head)
    {
        _file = FileSystem.Open(directory, PathZ.From(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FileMode);
        Add(Encoding.ASCII.GetBytes(head));
    }

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        _buffer.Write(bytes);
        if (_buffer.WrittenCount >= FlushAt)
        {
            Flush();
        }
    }

    /// <summary>Seven bits a byte, the lowest first; the last byte has its high bit clear.</summary>
    internal void AddNumber(ulong number)
    {
        Span<byte> bytes = stackalloc byte[10];
        var length = 0;
        for (; number >= 0x80; number >>= 7)
        {
            bytes[length++] = (byte)(number | 0x80);
        }

        bytes[length++] = (byte)number;
        Add(bytes[..length]);
    }

    /// <summary>A length, and as many bytes.</summary>
    internal void AddBytes(ReadOnlySpan<byte> bytes)
    {
        AddNumber((ulong)bytes.Length);
        Add(bytes);
    }

    /// <summary>Ends the file.</summary>
    internal void Complete()
    {
        Flush();
        Span<byte> sum = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(sum, _sum.Finish());
        FileSystem.Write(_file, sum);
    }

    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        _sum.Add(_buffer.WrittenSpan);
        FileSystem.Write(_file, _buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}

/// <summary>Reads what <see cref="RecordFileWriter"/> wrote.</summary>
internal sealed class RecordFileReader : IDisposable
{
    private readonly Fd _file;
    private readonly ulong _length;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024);
    private ContentSum _sum = new();
    private int _start;
    private int _end;

    private RecordFileReader(Fd file)
    {
        _file = file;
        _length = (ulong)Math.Min(FileSystem.Status(file).Size, Array.MaxLength); // nothing in it is longer than all of it
    }

    /// <summary>Opens a file and reads its head; null when there is none.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    internal static RecordFileReader? TryOpen(Fd directory, string name, string head)
    {
        if (FileSystem.TryOpen(directory, PathZ.From(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file) != Errno.None)
        {
            return null;
        }

        var reader = new RecordFileReader(file!);
        try
        {
            Span<byte> start = stackalloc byte[head.Length];
            reader.Read(start);
            return start.SequenceEqual(Encoding.ASCII.GetBytes(head)) ? reader : throw new InvalidDataException($"{name} does not begin as it must");
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>True when a file is as it was written.</summary>
    internal static bool IsSound(Fd directory, string name)
    {
        if (FileSystem.TryOpen(directory, PathZ.From(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var file) != Errno.None)
        {
            return false;
        }

        using var reader = new RecordFileReader(file!);
        try
        {
            var bytes = new byte[64 * 1024];
            for (var left = FileSystem.Status(file!).Size - sizeof(ulong); left > 0; left -= bytes.Length)
            {
                reader.Read(bytes.AsSpan(0, (int)Math.Min(left, bytes.Length)));
            }

            reader.End();
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or LinuxException)
        {
            return false;
        }
    }

    /// <summary>Fills the whole span.</summary>
    /// <exception cref="InvalidDataException">The file ends before.</exception>
    internal void Read(Span<byte> bytes)
    {
        for (var rest = bytes; !rest.IsEmpty;)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, FileSystem.Read(_file, _buffer));
                if (_end == 0)
                {
                    throw new InvalidDataException("it ends too early");
                }
            }

            var count = Math.Min(rest.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(rest);
            _start += count;
            rest = rest[count..];
        }

        _sum.Add(bytes);
    }

    internal byte ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        Read(one);
        return one[0];
    }

    internal ulong ReadNumber()
    {
        ulong number = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException("a number without an end");
    }

    internal uint ReadSmall() => ReadNumber() is <= uint.MaxValue and var number ? (uint)number : throw new InvalidDataException("a number that is too large");

    internal byte[] ReadBytes()
    {
        var length = ReadNumber();
        var bytes = new byte[length <= _length ? (int)length : throw new InvalidDataException("a length that is too large")];
        Read(bytes);
        return bytes;
    }

    /// <summary>Reads the sum at the end.</summary>
    /// <exception cref="InvalidDataException">It is wrong, or something follows.</exception>
    internal void End()
    {
        var wanted = _sum.Finish();
        Span<byte> sum = stackalloc byte[sizeof(ulong)];
        Read(sum);
        if (BinaryPrimitives.ReadUInt64LittleEndian(sum) != wanted || _start != _end || FileSystem.Read(_file, _buffer) > 0)
        {
            throw new InvalidDataException("its bytes are not the ones that were written");
        }
    }

    public void Dispose() => _file.Dispose();
}
