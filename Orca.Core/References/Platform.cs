using System.Runtime.InteropServices;

namespace Orca.Core.References;

/// <summary>What an image was built for: operating system, architecture and variant, in Go's words.</summary>
/// <remarks>Source: OCI image-spec, image-index.md, "platform". Examples: <c>linux/amd64</c>, <c>linux/arm64/v8</c>, <c>linux/arm/v7</c>.</remarks>
public sealed record Platform(string Os, string Architecture, string? Variant = null)
{
    /// <summary>The platform this process runs on.</summary>
    public static Platform Current => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => new Platform("linux", "amd64"),
        System.Runtime.InteropServices.Architecture.Arm64 => new Platform("linux", "arm64", "v8"),
        System.Runtime.InteropServices.Architecture.X86 => new Platform("linux", "386"),
        System.Runtime.InteropServices.Architecture.Arm => new Platform("linux", "arm", "v7"),
        var other => new Platform("linux", other.ToString().ToLowerInvariant()),
    };

    /// <summary><c>os/architecture[/variant]</c>.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
