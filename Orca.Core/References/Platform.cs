using System.Runtime.InteropServices;
using Orca.Core.Errors;

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

    /// <summary>Reads <c>os/architecture[/variant]</c>, or an architecture alone, with the usual other names (<c>x86_64</c>, <c>aarch64</c>, <c>armhf</c>).</summary>
    /// <exception cref="ReferenceException">The text is no platform, or none whose programs can run on Linux.</exception>
    public static Platform Parse(string text)
    {
        var parts = text.ToLowerInvariant().Split('/');
        if (parts.Length == 1)
        {
            parts = ["linux", parts[0] == "linux" ? Current.Architecture : parts[0]];
        }

        foreach (var part in parts)
        {
            if (part.Length is 0 or > 32 || part.AsSpan().ContainsAnyExcept(Characters.Platform))
            {
                throw new ReferenceException($"cannot use platform '{Quoted.Text(text)}': it is not OS/ARCHITECTURE[/VARIANT]", "for example 'linux/arm64'");
            }
        }

        if (parts.Length > 3 || parts[0] != "linux")
        {
            throw new ReferenceException($"cannot use platform '{Quoted.Text(text)}': only linux/ARCHITECTURE[/VARIANT] can run here", "for example 'linux/arm64'");
        }

        var variant = parts.Length == 3 ? parts[2] : null;
        return parts[1] switch
        {
            "x86_64" or "x86-64" or "amd64" => new Platform("linux", "amd64", variant),
            "aarch64" or "arm64" => new Platform("linux", "arm64", variant ?? "v8"),
            "i386" or "i686" or "x86" or "386" => new Platform("linux", "386", variant),
            "armhf" => new Platform("linux", "arm", variant ?? "v7"),
            "armel" => new Platform("linux", "arm", variant ?? "v6"),
            "arm" => new Platform("linux", "arm", variant ?? "v7"),
            var other => new Platform("linux", other, variant),
        };
    }

    /// <summary><c>os/architecture[/variant]</c>.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
