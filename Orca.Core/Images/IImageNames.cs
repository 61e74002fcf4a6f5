using Orca.Core.References;

namespace Orca.Core.Images;

/// <summary>The names of images, without the images.</summary>
public interface IImageNames
{
    /// <summary>Takes a name away, and leaves the image, also without any name.</summary>
    /// <returns>False when there is no such name.</returns>
    bool Untag(ImageReference reference);
}
