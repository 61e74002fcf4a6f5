using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.References;

/// <summary>What kind of place an image comes from.</summary>
public enum ImageTransport
{
    /// <summary>A registry, by an <see cref="ImageReference"/>.</summary>
    Registry,

    /// <summary>A file, a directory or standard input, told apart by its content.</summary>
    File,

    /// <summary>What <c>docker save</c> writes.</summary>
    DockerArchive,

    /// <summary>An OCI image layout as one tar archive.</summary>
    OciArchive,

    /// <summary>An OCI image layout as a directory.</summary>
    OciLayout,

    /// <summary>The address of a tarball.</summary>
    Url,
}

/// <summary>Where an image comes from, as people type it: a name in a registry, a file, a directory, standard input or an address.</summary>
/// <remarks>
/// <c>docker-archive:PATH[:NAME]</c>, <c>oci-archive:PATH[:NAME]</c> and <c>oci:PATH[:NAME]</c> are containers-transports(5)'s words; a path ends at its first colon there.
/// <c>-</c> is standard input, <c>http://</c> and <c>https://</c> begin an address, and what begins with <c>/</c>, <c>./</c> or <c>../</c>, which no image name does, is a path.
/// </remarks>
public sealed record ImageLocation
{
    /// <summary>The path that means standard input.</summary>
    public const string StandardInput = "-";

    private static readonly (string Prefix, ImageTransport Transport)[] s_prefixes =
    [
        ("docker-archive:", ImageTransport.DockerArchive), ("oci-archive:", ImageTransport.OciArchive), ("oci:", ImageTransport.OciLayout),
    ];

    /// <summary>Other words of containers-transports(5), which would read as names on Docker Hub.</summary>
    private static readonly (string Prefix, string Program)[] s_foreign = [("containers-storage:", "podman"), ("docker-daemon:", "docker")];

    private ImageLocation(ImageTransport transport, string path, string? selector = null, ImageReference? reference = null) =>
        (Transport, Path, Selector, Reference) = (transport, path, selector, reference);

    /// <summary>What kind of place it is.</summary>
    public ImageTransport Transport { get; }

    /// <summary>The path or address (<see cref="NativeText"/>); empty for a registry.</summary>
    public string Path { get; }

    /// <summary>Which of several images is meant: a name, or <c>@</c> and a number from 0; null when it was not said.</summary>
    public string? Selector { get; }

    /// <summary>The name in a registry; null for every other place.</summary>
    public ImageReference? Reference { get; }

    /// <summary>True when the bytes come from standard input.</summary>
    public bool IsStandardInput => Path == StandardInput;

    /// <summary>The place as a message shows it, escaped, without a query string.</summary>
    public string Shown => Transport switch
    {
        ImageTransport.Registry => Reference!.Familiar,
        _ when IsStandardInput => "standard input",
        ImageTransport.Url => Quoted.Text(Path.Split('?', '#')[0]),
        _ => Quoted.Text(Path),
    };

    /// <summary>True when the text means something else than a name in a registry; costs nothing.</summary>
    public static bool IsElsewhere(string text) =>
        text is StandardInput or "." or ".." || text.StartsWith('/') || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal)
        || IsAddress(text) || Array.Exists(s_prefixes, one => text.StartsWith(one.Prefix, StringComparison.Ordinal));

    /// <summary>Reads a location. Touches no file.</summary>
    /// <exception cref="ReferenceException">The text is none.</exception>
    public static ImageLocation Parse(string text)
    {
        foreach (var (prefix, program) in s_foreign)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
            {
                throw new ReferenceException(
                    $"cannot use image '{Quoted.Text(text)}': orca does not read the storage of {program}", ShellWords.Join(program, "save", text[prefix.Length..]) is { } save ? $"let {program} write it: {save} | orca load" : null);
            }
        }

        if (!IsElsewhere(text))
        {
            return new ImageLocation(ImageTransport.Registry, string.Empty, reference: ImageReference.Parse(text));
        }

        foreach (var (prefix, transport) in s_prefixes)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
            {
                return ParseTransport(text, transport, text[prefix.Length..]);
            }
        }

        return IsAddress(text) ? ParseAddress(text) : OfPath(text);
    }

    /// <summary>A file, a directory or <c>-</c> by its path alone, whatever it looks like.</summary>
    /// <exception cref="ReferenceException">The path is empty.</exception>
    public static ImageLocation OfPath(string path) =>
        path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal) ? new ImageLocation(ImageTransport.File, path) : throw new ReferenceException("cannot use the path '': it is empty");

    private static ImageLocation ParseTransport(string text, ImageTransport transport, string rest)
    {
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var (path, selector) = colon < 0 ? (rest, null) : (rest[..colon], rest[(colon + 1)..]);
        return path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) || selector is { Length: 0 }
            ? throw new ReferenceException($"cannot use image '{Quoted.Text(text)}': {(path.Length == 0 ? "the path is empty" : "the name behind the path is empty")}")
            : new ImageLocation(transport, path, selector);
    }

    private static ImageLocation ParseAddress(string text)
    {
        var problem = !Uri.TryCreate(text, UriKind.Absolute, out var address) || address.IdnHost.Length == 0 ? "it is not an address"
            : address.UserInfo.Length > 0 ? "it carries a user name, which would show in lists of processes" : null;
        return problem is null
            ? new ImageLocation(ImageTransport.Url, text)
            : throw new ReferenceException($"cannot use address '{Quoted.Text(text.Split('?', '#')[0].Split('@')[^1])}': {problem}");
    }

    private static bool IsAddress(string text) =>
        text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}
