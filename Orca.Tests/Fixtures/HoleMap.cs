namespace Orca.Tests.Fixtures;

/// <summary>A file with holes: where its data are, and the file itself, made as it is wanted.</summary>
/// <param name="Size">Bytes of the file.</param>
/// <param name="Data">Offsets and lengths of its data, ascending and apart.</param>
internal sealed record HoleMap(long Size, (long Offset, int Length)[] Data)
{
    private const int Block = 4096;

    /// <summary>What the file may take on a disk with blocks of 4 KiB, with some of the file system's own.</summary>
    internal long MostAllocated => Data.Sum(static one => ((one.Offset + one.Length + Block - 1) / Block * Block) - (one.Offset / Block * Block)) + (8 * Block);

    /// <summary>Makes a map of a seed: few or many pieces, from single bytes to some blocks, at odd places and at the ends.</summary>
    internal static HoleMap Random(int seed, long size)
    {
        var random = new Random(seed);
        var data = new List<(long, int)>();
        for (var at = random.Next(3) == 0 ? 0L : random.NextInt64(size / 4); at < size;)
        {
            var length = (int)Math.Min(size - at, 1 + random.Next(random.Next(3) == 0 ? 5 * Block : 700));
            data.Add((at, length));
            at += length + 1 + random.NextInt64(random.Next(4) == 0 ? size : 10 * Block);
            at = random.Next(2) == 0 ? at / Block * Block : at;
            at = Math.Max(at, data[^1].Item1 + length + 1);
        }

        if (random.Next(3) == 0 && data[^1] is var last && last.Item1 + last.Item2 < size)
        {
            data.Add((size - 1, 1));
        }

        return new HoleMap(size, [.. data]);
    }

    /// <summary>The bytes.</summary>
    internal byte[] ToArray()
    {
        var bytes = new byte[Size];
        foreach (var (offset, length) in Data)
        {
            for (var i = 0; i < length; i++)
            {
                bytes[offset + i] = (byte)(1 + ((offset + i) % 255));
            }
        }

        return bytes;
    }

    /// <summary>Makes the file with its holes.</summary>
    internal string WriteSparse(string path)
    {
        var bytes = ToArray();
        using var file = File.Create(path);
        file.SetLength(Size);
        foreach (var (offset, length) in Data)
        {
            file.Position = offset;
            file.Write(bytes, (int)offset, length);
        }

        return path;
    }

    /// <summary>Makes the file with every zero written.</summary>
    internal string WriteDense(string path)
    {
        File.WriteAllBytes(path, ToArray());
        return path;
    }
}
