namespace Orca.Core.Images;

/// <summary>One step in which an image was made, as its config tells it: text of the image's author.</summary>
/// <param name="Created">When, verbatim; null when it does not say.</param>
/// <param name="CreatedBy">The command; may be empty.</param>
/// <param name="Comment">What was said about it; may be empty.</param>
/// <param name="Size">Bytes of the files in its layer; 0 where it made none.</param>
public sealed record ImageStep(string? Created, string CreatedBy, string Comment, long Size);

/// <summary>Reads how images were made.</summary>
public interface IImageHistory
{
    /// <summary>Returns the steps of an image, the last one first. Layers that no step tells of are steps without text.</summary>
    /// <exception cref="Errors.StoreException">The image was removed meanwhile.</exception>
    IReadOnlyList<ImageStep> Read(StoredImage image);
}
