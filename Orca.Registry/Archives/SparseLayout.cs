using System.Globalization;
using System.Text;
using Orca.Core.Linux;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>Where the data of a file is, as an archive stores it: GNU's sparse files in PAX, version 1.0.</summary>
/// <remarks>
/// Only what files contain decides, so the same tree gives the same archive on every file system. Engines that keep layers as tar-split data (docker, podman) read such
/// an entry right, and cannot write the layer again afterwards; so files with few zeros, as every image has them, stay as they are.
/// </remarks>
internal sealed class SparseLayout
{
    /// <summary>Files with fewer zeros in their holes are stored whole.</summary>
    internal const long LeastHoles = 1 << 20;

    /// <summary>Go's reader takes a map of 1 MiB. With more regions than this, small holes are filled up.</summary>
    internal const int MostRegions = 1 << 15;

    private SparseLayout(List<SparseRegion> regions, long size)
    {
        Regions = regions;
        DataBytes = regions.Sum(static region => region.Length);
        Map = Write(regions, size);
    }

    /// <summary>Regions of data, ascending and apart.</summary>
    internal IReadOnlyList<SparseRegion> Regions { get; }

    /// <summary>Bytes of data.</summary>
    internal long DataBytes { get; }

    /// <summary>The map in front of the data, in whole blocks.</summary>
    internal byte[] Map { get; }

    /// <summary>Looks through a file. Returns null when it is to be stored whole.</summary>
    /// <param name="file">The file; its position may move.</param>
    /// <param name="size">Its size.</param>
    /// <param name="buffer">Room for a piece of it.</param>
    /// <param name="mostRegions">How many regions there may be.</param>
    internal static SparseLayout? Read(Fd file, long size, byte[] buffer, int mostRegions = MostRegions)
    {
        if (size < LeastHoles)
        {
            return null;
        }

        var scanner = new DataScanner(file, size, buffer);
        var regions = new List<SparseRegion>();
        var block = (long)DataScanner.Block;
        while (scanner.TryNext(out var offset, out var data))
        {
            Add(regions, offset, data.Length, block, size);
            while (regions.Count > mostRegions)
            {
                block *= 2;
                regions = Coarsen(regions, block, size);
            }
        }

        return size - regions.Sum(static region => region.Length) >= LeastHoles ? new SparseLayout(regions, size) : null;
    }

    /// <summary>Twice the blocks: what comes out is the same as if they had been so large from the start.</summary>
    private static List<SparseRegion> Coarsen(List<SparseRegion> regions, long block, long size)
    {
        var coarse = new List<SparseRegion>();
        foreach (var region in regions)
        {
            Add(coarse, region.Offset, region.Length, block, size);
        }

        return coarse;
    }

    private static void Add(List<SparseRegion> regions, long offset, long length, long block, long size)
    {
        var (start, end) = (offset / block * block, Math.Min(size, (offset + length + block - 1) / block * block));
        if (regions.Count > 0 && regions[^1] is var last && start <= last.Offset + last.Length)
        {
            regions[^1] = last with { Length = end - last.Offset };
        }
        else
        {
            regions.Add(new SparseRegion(start, end - start));
        }
    }

    /// <summary>Decimal numbers, one a line, the count first. As GNU tar has it, a file that ends in a hole ends in a region of no bytes.</summary>
    private static byte[] Write(List<SparseRegion> regions, long size)
    {
        var isOpen = regions.Count == 0 || regions[^1].Offset + regions[^1].Length < size;
        var text = new StringBuilder();
        Line(regions.Count + (isOpen ? 1 : 0));
        foreach (var region in regions)
        {
            Line(region.Offset);
            Line(region.Length);
        }

        if (isOpen)
        {
            Line(size);
            Line(0);
        }

        var map = new byte[text.Length + TarHeaderWriter.PaddingOf(text.Length)];
        Encoding.ASCII.GetBytes(text.ToString(), map);
        return map;

        void Line(long number) => text.Append(CultureInfo.InvariantCulture, $"{number}\n");
    }
}
