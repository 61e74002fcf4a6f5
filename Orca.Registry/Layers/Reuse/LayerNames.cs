using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Registry.Layers.Reuse;

/// <summary>What lies in the directory <c>layers</c> of an image.</summary>
internal static class LayerNames
{
    private const string AsideSuffix = ".aside";

    /// <summary>The directory.</summary>
    internal const string Directory = "layers";

    /// <summary>The entries of a layer; the same in every image that has it.</summary>
    internal static string Entries(Digest diffId) => $"{diffId.Algorithm}-{diffId.Hex}";

    /// <summary>Where this image has the layer's files.</summary>
    internal static string Files(Digest diffId) => Entries(diffId) + ".files";

    /// <summary>The directory with the files that upper layers hide.</summary>
    internal static string Aside(Digest diffId) => Entries(diffId) + AsideSuffix;

    internal static bool IsAside(string name) => name.EndsWith(AsideSuffix, StringComparison.Ordinal);

    /// <summary>A file in it.</summary>
    internal static PathZ Ordinal(int number) => PathZ.From(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
