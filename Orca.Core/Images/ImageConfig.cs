using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>What an image says about running it, and the digests of its uncompressed layers.</summary>
/// <remarks>
/// Source: OCI image-spec, config.md. All of it is untrusted text from the image's author. Labels, volumes, exposed ports and annotations
/// are left out on purpose: nothing orca does may depend on them (CVE-2026-94603, CVE-2026-53488, CVE-2022-23648).
/// </remarks>
public sealed record ImageConfig
{
    /// <summary>Where the image runs.</summary>
    public required Platform Platform { get; init; }

    /// <summary>The digest of each uncompressed layer, base first.</summary>
    public required IReadOnlyList<Digest> DiffIds { get; init; }

    /// <summary>Variables as <c>NAME=value</c>, in order; the last of a name wins.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>The program and its first arguments; null when the image has none.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>The arguments that a command line replaces; null when the image has none.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary><c>user</c>, <c>uid</c>, <c>user:group</c>, ...; null or empty means root.</summary>
    public string? User { get; init; }

    /// <summary>Where the command starts; null or empty means <c>/</c>.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>The signal that asks the command to stop; null means SIGTERM.</summary>
    public string? StopSignal { get; init; }

    /// <summary>When the image was made, verbatim; null when it does not say.</summary>
    public string? Created { get; init; }
}
