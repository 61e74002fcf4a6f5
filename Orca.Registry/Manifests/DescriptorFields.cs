using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Registry.Manifests;

/// <summary>What a descriptor says, before its rules are checked.</summary>
internal struct DescriptorFields
{
    internal string? MediaType;
    internal string? ArtifactType;
    internal string? Digest;
    internal long? Size;
    internal byte[]? Data;
    internal Platform? Platform;

    /// <summary>Makes the descriptor of it.</summary>
    /// <param name="field">What the document calls it.</param>
    /// <exception cref="MalformedException">It is none.</exception>
    internal readonly Descriptor Build(string field)
    {
        var digest = Digest is null ? throw new MalformedException($"has a descriptor without a digest in '{field}'")
            : Core.References.Digest.TryParse(Digest, out var parsed) ? parsed
            : throw new MalformedException($"has '{Quoted.Text(Digest)}' in '{field}', which is not a digest of sha256 or sha512");
        var size = Size is >= 0 ? Size.Value
            : throw new MalformedException(Size is null ? $"does not say the size of '{digest}'" : $"gives '{digest}' a negative size");
        if (Data is not null && (Data.Length != size || digest != digest.OfContent(Data)))
        {
            throw new MalformedException($"holds data for '{digest}' that do not match its digest and size");
        }

        return new Descriptor { MediaType = MediaType ?? string.Empty, Digest = digest, Size = size, Platform = Platform, ArtifactType = ArtifactType is { Length: > 0 } ? ArtifactType : null };
    }
}
