using System.Runtime.InteropServices;
using Orca.Core.Errors;

namespace Orca.Core.References;

/// <summary>What an image was built for: operating system, architecture and variant, in Go's words.</summary>
/// <remarks>Source: OCI image-spec, image-index.md, "platform". Examples: <c>linux/amd64</c>, <c>linux/arm64/v8</c>, <c>linux/arm/v7</c>.</remarks>
public sealed record Platform(string Os, string Architecture, string? Variant = null)
{
    /// <summary>What <c>arch</c> and <c>variant</c> of the unknown say.</summary>
    private const string Unknown = "unknown";

    private static readonly string[] s_armVariants = ["v5", "v6", "v7", "v8"];

    /// <summary>The platform this process runs on.</summary>
    public static Platform Current { get; } = Of(RuntimeInformation.ProcessArchitecture, Linux.Machine.Name);

    /// <summary>What else runs here, should there be no image for <see cref="Current"/>: 32-bit programs, where a trial shows that the kernel runs them.</summary>
    /// <remarks>32-bit ARM is left out where pages are larger than 4 KB: most of its programs are aligned to that. It can still be asked for by name.</remarks>
    public static IReadOnlyList<Platform> AlsoRuns => Programs.KernelPrograms.ForImages;

    /// <summary>The platform of a process of an architecture on a machine of a name.</summary>
    /// <remarks>
    /// A 32-bit ARM process tells nothing of its processor, uname(2) does: <c>armv6l</c> is the first Raspberry Pi and the Zero, which die of an illegal
    /// instruction in v7 images; <c>armv7l</c>, <c>armv8l</c> and <c>aarch64</c> run v7 and what is below.
    /// </remarks>
    internal static Platform Of(System.Runtime.InteropServices.Architecture process, string machine) => process switch
    {
        System.Runtime.InteropServices.Architecture.X64 => new Platform("linux", "amd64"),
        System.Runtime.InteropServices.Architecture.Arm64 => new Platform("linux", "arm64", "v8"),
        System.Runtime.InteropServices.Architecture.X86 => new Platform("linux", "386"),
        System.Runtime.InteropServices.Architecture.Arm or System.Runtime.InteropServices.Architecture.Armv6 => new Platform("linux", "arm", machine switch
        {
            _ when machine.StartsWith("armv5", StringComparison.Ordinal) => "v5",
            _ when machine.StartsWith("armv6", StringComparison.Ordinal) => "v6",
            _ when machine.StartsWith("armv8", StringComparison.Ordinal) || machine == "aarch64" => "v8",
            _ => "v7",
        }),
        var other => new Platform("linux", other.ToString().ToLowerInvariant()),
    };

    /// <summary>True when an image for the other platform is one that was asked for by this one.</summary>
    /// <remarks>An image that does not say its architecture or variant is taken; variants of ARM run downwards.</remarks>
    public bool Accepts(Platform image) => image.Os == Os
        && (image.Architecture == Unknown || (image.Architecture == Architecture && (image.Variant is null || Variant is null || image.Variant == Variant
            || (Architecture == "arm" && Array.IndexOf(s_armVariants, image.Variant) is >= 0 and var level && level <= Array.IndexOf(s_armVariants, Variant))
            || Architecture is "arm64")));

    /// <summary>Reads <c>os/architecture[/variant]</c>, or an architecture alone, with the usual other names (<c>x86_64</c>, <c>aarch64</c>, <c>armhf</c>).</summary>
    /// <exception cref="ReferenceException">The text is no platform, or none whose programs can run on Linux; or there is no such architecture or variant.</exception>
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
        } is var platform && platform.IsKnown ? platform
            : throw new ReferenceException($"cannot use platform '{Quoted.Text(text)}': there is no such architecture or variant", "for example 'linux/amd64', 'linux/arm64' or 'linux/arm/v7'");
    }

    /// <summary>Go's architectures on Linux, and the variants that image-index.md lists.</summary>
    private bool IsKnown => (Architecture, Variant) switch
    {
        ("amd64", null or "v1" or "v2" or "v3" or "v4") => true,
        ("arm64", null or "v8" or "v9") => true,
        ("arm64", { Length: 4 } variant) => (variant.StartsWith("v8.", StringComparison.Ordinal) || variant.StartsWith("v9.", StringComparison.Ordinal)) && char.IsAsciiDigit(variant[3]),
        ("arm", "v5" or "v6" or "v7" or "v8") => true,
        ("386" or "loong64" or "mips" or "mipsle" or "mips64" or "mips64le" or "ppc64" or "ppc64le" or "riscv64" or "s390x", null) => true,
        ("ppc64le", "power8" or "power9" or "power10") or ("riscv64", "rva20u64" or "rva22u64" or "rva23u64") => true,
        _ => false,
    };

    /// <summary><c>os/architecture[/variant]</c>.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
