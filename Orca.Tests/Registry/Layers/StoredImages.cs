using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Reuse;
using Orca.Tests.Fixtures;
using static Tmds.Linux.LibC;

namespace Orca.Tests.Registry.Layers;

/// <summary>Trees beside each other in one directory, each with its records of layers: what a store makes of images, without the store.</summary>
internal sealed class StoredImages(string place)
{
    private readonly List<string> _images = [];

    /// <summary>What was said of the last image.</summary>
    internal IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Flattens an image, with layers of those before where that can be.</summary>
    internal List<string> Flatten(MemoryLayer[] layers, string name, LayerLimits? limits = null)
    {
        var sharing = new Sharing(this, name);
        Directory.CreateDirectory($"{place}/{name}");
        using var flattener = new ImageFlattener(() => MakeRoot(name), limits ?? LayerLimits.Default, sharing);
        flattener.Apply(layers, CancellationToken.None);
        var summary = flattener.Complete();
        using (var owners = File.Create($"{place}/{name}/owners"))
        {
            flattener.WriteOwners(owners);
        }

        _images.Add(name);
        Warnings = summary.Warnings;
        return [$"{summary.Entries} {summary.Bytes}", Owners(name), .. TreeListing.ReadExactly($"{place}/{name}/rootfs")];
    }

    internal string Owners(string name) => File.ReadAllText($"{place}/{name}/owners");

    /// <summary>The same, from the base, of archives alone, with no memory for their paths.</summary>
    internal static List<string> FromArchives(byte[][] layers, string root)
    {
        using var directory = LayerBench.MakeRoot(root);
        using var flattener = new Flattener(directory, new LayerLimits { TableMemory = 0 });
        foreach (var layer in layers)
        {
            flattener.Apply(new MemoryStream(layer), CancellationToken.None);
        }

        var summary = flattener.Complete();
        using var owners = new MemoryStream();
        flattener.WriteOwners(owners);
        List<string> tree = [$"{summary.Entries} {summary.Bytes}", System.Text.Encoding.UTF8.GetString(owners.ToArray()), .. TreeListing.ReadExactly(root)];
        Delete(root);
        return tree;
    }

    internal static void Delete(string path)
    {
        using var parent = FileSystem.OpenDirectory(null, PathZ.From(Path.GetDirectoryName(path)!));
        TreeDeletion.Delete(parent, PathZ.From(Path.GetFileName(path)));
    }

    private Fd MakeRoot(string name)
    {
        Delete($"{place}/{name}/layers");
        return LayerBench.MakeRoot($"{place}/{name}/rootfs");
    }

    private sealed class Sharing(StoredImages images, string name) : ILayerSharing
    {
        public Fd MakeDirectory()
        {
            Directory.CreateDirectory($"{images.Place}/{name}/layers");
            return FileSystem.OpenDirectory(null, PathZ.From($"{images.Place}/{name}/layers"));
        }

        public bool Has(Digest diffId) => images.With(diffId).Any();

        public void MarkUnavailable(IEnumerable<Digest> diffIds)
        {
        }

        public IEnumerable<ReusableLayer> Find(Digest diffId) => images.With(diffId).Select(image => new ReusableLayer(
            FileSystem.Open(null, PathZ.From($"{images.Place}/{image}/rootfs"), O_PATH | O_DIRECTORY), FileSystem.OpenDirectory(null, PathZ.From($"{images.Place}/{image}/layers")), diffId, 0, new MemoryStream()));
    }

    private string Place => place;

    private IEnumerable<string> With(Digest diffId) => _images.Where(image => File.Exists($"{place}/{image}/layers/{LayerNames.Files(diffId)}"));
}
