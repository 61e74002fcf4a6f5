using System.IO.Compression;
using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Layers;

/// <summary>How a layer is packed on its way to the flattener.</summary>
public enum Packing
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>gzip, through the whole chain.</summary>
    Gzip,

    /// <summary>zstd, through the whole chain.</summary>
    Zstd,
}

/// <summary>Flattens layers into a canary tree and checks afterwards that nothing outside changed.</summary>
internal sealed class LayerBench : IDisposable
{
    // Made before the test sets its umask, under which an ordinary account could make neither.
    private readonly CanaryTree _fromTheTop = new();

    internal CanaryTree Canary { get; } = new();

    internal string Root => Canary.Root;

    internal FlattenSummary Summary { get; private set; } = new(0, 0, []);

    /// <summary>The side table, one record a line.</summary>
    internal string Owners { get; private set; } = "";

    internal LayerLimits Limits { get; init; } = LayerLimits.Default;

    /// <summary>Applies all layers, base first.</summary>
    internal LayerBench Flatten(params byte[][] layers) => Flatten(Packing.Plain, layers);

    internal LayerBench Flatten(Packing packing, params byte[][] layers)
    {
        try
        {
            using var rootfs = FileSystem.OpenDirectory(null, PathZ.From(Root));
            using var flattener = new Flattener(rootfs, Limits);
            foreach (var layer in layers)
            {
                using var stream = Open(layer, packing);
                flattener.Apply(stream, CancellationToken.None);
            }

            Summary = flattener.Complete();
            using var owners = new MemoryStream();
            flattener.WriteOwners(owners);
            Owners = NativeText.Decode(owners.ToArray()).TrimEnd('\0').Replace('\0', '\n');
        }
        finally
        {
            Canary.AssertUntouched();
        }

        RequireTheSameFromTheTop(packing, layers);
        return this;
    }

    /// <summary>Whatever a test puts together must come to the same tree when the uppermost layer is applied first, and with no memory for its paths.</summary>
    private void RequireTheSameFromTheTop(Packing packing, byte[][] layers)
    {
        var canary = _fromTheTop;
        using var flattener = new ImageFlattener(() => MakeRoot(canary.Root), Limits with { TableMemory = 0 });
        flattener.Apply([.. layers.Select(layer => new MemoryLayer(layer, packing))], CancellationToken.None);
        var summary = flattener.Complete();
        using var owners = new MemoryStream();
        flattener.WriteOwners(owners);
        canary.AssertUntouched();
        Assert.That(NativeText.Decode(owners.ToArray()).TrimEnd('\0').Replace('\0', '\n'), Is.EqualTo(Owners));
        Assert.That((summary.Entries, summary.Bytes), Is.EqualTo((Summary.Entries, Summary.Bytes)));
        if (Summary.Entries > 3000)
        {
            return; // the listing goes down by recursion
        }

        Assert.That(TreeListing.ReadExactly(canary.Root), Is.EqualTo(TreeListing.ReadExactly(Root)));
    }

    /// <summary>Makes a directory, or empties the one that is there: what is beside it stays untouched.</summary>
    internal static Fd MakeRoot(string path)
    {
        FileSystem.MakeDirectory(null, PathZ.From(path), 0x1C0, mayExist: true);
        var root = FileSystem.OpenDirectory(null, PathZ.From(path));
        foreach (var (name, _) in DirectoryReader.ReadAll(root))
        {
            TreeDeletion.Delete(root, PathZ.From(name));
        }

        return root;
    }

    /// <summary>The line that says why the layers are refused.</summary>
    internal string Refusal(params byte[][] layers)
    {
        var fault = Assert.Catch<OrcaException>(() => Flatten(layers))!;
        Assert.That(fault, Is.InstanceOf<LayerException>().Or.InstanceOf<ContentException>().Or.InstanceOf<StoreException>());
        Assert.That(fault.Message, Does.StartWith("cannot ").And.Not.Contains("\n").And.Not.Contains("\u001b"));
        return fault.Message;
    }

    internal SortedDictionary<string, string> List() => TreeListing.Read(Root);

    internal string Paths() => TreeListing.Paths(Root);

    internal FileStatus Status(string path) => TreeListing.Status(Root, path);

    internal string Text(string path) => List()[path].Split(' ', 3)[2];

    public void Dispose()
    {
        Canary.Dispose();
        _fromTheTop.Dispose();
    }

    internal static byte[] Pack(byte[] layer, Packing packing)
    {
        if (packing == Packing.Plain)
        {
            return layer;
        }

        if (packing == Packing.Zstd)
        {
            using var compressor = new ZstdSharp.Compressor(1);
            return compressor.Wrap(layer).ToArray();
        }

        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(layer);
        }

        return packed.ToArray();
    }

    private static Stream Open(byte[] layer, Packing packing) => packing == Packing.Plain
        ? new MemoryStream(layer)
        : LayerChain.Open(Pack(layer, packing), layer);

    /// <summary>Text as the archive has it.</summary>
    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
