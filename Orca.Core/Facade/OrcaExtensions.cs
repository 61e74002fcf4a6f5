using Orca.Core.Images;
using Orca.Core.References;

namespace Orca;

/// <summary>Short forms of <see cref="IOrca"/> and <see cref="IOrcaImages"/>.</summary>
public static class OrcaExtensions
{
    /// <summary>Runs a command in a container of an image to its end and returns what it printed.</summary>
    /// <exception cref="Core.Errors.ReferenceException">The image's name breaks the grammar.</exception>
    /// <inheritdoc cref="IOrca.RunAsync"/>
    public static Task<ContainerResult> RunAsync(this IOrca orca, string image, ValueList<string> command, CancellationToken cancellationToken = default) =>
        orca.RunAsync(new ContainerStart(image, command), cancellationToken);

    /// <summary>Brings an image from its registry into the store.</summary>
    /// <exception cref="Core.Errors.ReferenceException">The name breaks the grammar.</exception>
    /// <inheritdoc cref="IOrcaImages.PullAsync"/>
    public static Task<StoredImage> PullAsync(this IOrcaImages images, string name, CancellationToken cancellationToken = default) =>
        images.PullAsync(ImageReference.Parse(name), platform: null, progress: null, cancellationToken);
}
