using Orca.Tests.Architecture;
using Orca.Tests.Fuzz;

namespace Orca.Tests.Registry.Layers.Compression;

/// <summary>The corpus of compressed archives, which the formats' own tools have written, all from the same tar archive.</summary>
internal static class PackedFile
{
    private static readonly string s_directory = Path.Combine(Repository.Root, "Orca.Tests", "Fuzz", "Corpus", "compressed");

    /// <summary>What comes out of all of them but 'empty.xz' and those that need a filter.</summary>
    internal static byte[] Archive { get; } = Read("lines.tar");

    /// <summary>Those that come to <see cref="Archive"/>.</summary>
    internal static IEnumerable<string> Right => Directory.EnumerateFiles(s_directory).Select(static path => Path.GetFileName(path))
        .Where(static name => name is not ("lines.tar" or "empty.xz" or "x86.xz" or "delta.xz")).Order(StringComparer.Ordinal);

    internal static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(s_directory, name));

    /// <summary>All of them, for fuzzing.</summary>
    internal static List<byte[]> Corpus() => FuzzTarget.Files("compressed");

    /// <summary>Makes the checksums of the headers at the start of an xz file right.</summary>
    internal static void MendXz(byte[] bytes)
    {
        if (bytes.Length > 16 && bytes.AsSpan().StartsWith<byte>([0xfd, (byte)'7']))
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(8), System.IO.Hashing.Crc32.HashToUInt32(bytes.AsSpan(6, 2)));
            var size = (bytes[12] + 1) * 4;
            if (bytes.Length >= 12 + size)
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(12 + size - 4), System.IO.Hashing.Crc32.HashToUInt32(bytes.AsSpan(12, size - 4)));
            }
        }
    }
}
