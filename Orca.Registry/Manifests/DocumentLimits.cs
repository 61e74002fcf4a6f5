namespace Orca.Registry.Manifests;

/// <summary>How large and how deep a JSON document of an image may be.</summary>
/// <param name="Bytes">Bytes of the whole.</param>
/// <param name="Depth">Objects and arrays inside each other.</param>
internal readonly record struct DocumentLimits(int Bytes, int Depth)
{
    /// <summary>What holds for what comes from outside when nobody says anything; the OCI specification asks for 4 MiB to be accepted.</summary>
    internal static DocumentLimits Default { get; } = Of(ImageLimits.Default);

    /// <summary>What holds for what is in the store: the limits of its pull let it in, whatever they were, so it must stay readable.</summary>
    internal static DocumentLimits Stored => new(256 << 20, 1000);

    internal static DocumentLimits Of(ImageLimits limits) => new(limits.DocumentBytes, limits.DocumentDepth);

    /// <summary>How a message begins to say that a document is too large.</summary>
    internal string TooLarge => Bytes % (1 << 20) == 0 ? $"larger than the limit of {Bytes >> 20} MiB" : $"larger than the limit of {Bytes} bytes";

    /// <summary>What one can do about it.</summary>
    internal const string Hint = "if you trust where it comes from, allow more with --image-limit json-size=SIZE";
}
