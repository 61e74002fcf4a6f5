using Orca.Core.References;

namespace Orca.Registry.Store;

/// <summary>The names in a store, relative to its root; docs/store.md shows the whole.</summary>
internal static class StorePaths
{
    internal const string Format = "format";
    internal const string Images = "images";
    internal const string References = "refs";
    internal const string Containers = "containers";
    internal const string Spares = "spares";
    internal const string Staging = "staging";
    internal const string Parts = "parts";
    internal const string Locks = "locks";

    /// <summary>Permissions of every directory that orca makes: nobody else can reach a set-uid file in an image (CVE-2021-41091).</summary>
    internal const uint DirectoryMode = 0b111_000_000; // 0700

    /// <summary>Permissions of every file that orca writes.</summary>
    internal const uint FileMode = 0b110_000_000; // 0600

    internal static ReadOnlySpan<string> Directories => new[] { Images, References, Containers, Spares, Staging, Parts, Locks };

    /// <summary>A digest as one path component.</summary>
    internal static string Name(Digest digest) => $"{digest.Algorithm}-{digest.Hex}";

    /// <summary>The digest that a path component stands for.</summary>
    internal static bool TryReadName(ReadOnlySpan<byte> name, out Digest digest)
    {
        var text = System.Text.Encoding.ASCII.GetString(name);
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        digest = default;
        return dash > 0 && Digest.TryParse(string.Concat(text.AsSpan(0, dash), ":", text.AsSpan(dash + 1)), out digest);
    }

    internal static string Image(Digest digest) => $"{Images}/{Name(digest)}";

    internal static string ImageLock(Digest digest) => $"{Locks}/{Name(digest)}";

    internal static string Part(Digest digest) => $"{Parts}/{Name(digest)}";

    internal static string Container(string name) => $"{Containers}/{name}";
}
