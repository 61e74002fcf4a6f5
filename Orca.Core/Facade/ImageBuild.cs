using Orca.Core.Images;
using Orca.Core.References;

namespace Orca;

/// <summary>An image to make of a directory of the host, over another image or by itself.</summary>
/// <param name="Directory">The directory whose content becomes the uppermost layer. What belongs to this program's user belongs to root inside.</param>
/// <param name="Name">The name of the image; it is taken from another image that has it.</param>
public sealed record ImageBuild(string Directory, ImageReference Name)
{
    /// <summary>Names the image as people type it.</summary>
    /// <exception cref="Core.Errors.ReferenceException">The name breaks the grammar.</exception>
    public ImageBuild(string directory, string name)
        : this(directory, ImageReference.Parse(name))
    {
    }

    /// <summary>The image below the directory, which must be in the store; null for none.</summary>
    public ImageReference? From { get; init; }

    /// <summary>The absolute path inside where the content of the directory appears; it is made when the image below has none. A directory replaces a link of the image.</summary>
    public string Into { get; init; } = "/";

    /// <summary>How the image is run: fields that are null or empty stay as in the image below.</summary>
    public ImageConfig? Defaults { get; init; }
}
