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

    /// <summary>Makes an image of a directory of the host, as one layer over another image or by itself. There is no Dockerfile.</summary>
    /// <exception cref="Core.Errors.ReferenceException"><see cref="ImageBuild.Into"/> is not an absolute path.</exception>
    /// <exception cref="Core.Errors.StoreException">The image below is not in the store, or the directory cannot be read.</exception>
    /// <exception cref="Core.Errors.ContentException">The directory is an archive of images and not a tree of files.</exception>
    public static async Task<StoredImage> BuildAsync(this IOrcaImages images, ImageBuild build, CancellationToken cancellationToken = default)
    {
        var loaded = await images.LoadAsync(
            new LoadRequest { Location = ImageLocation.OfPath(build.Directory), Name = build.Name, Base = build.From, Into = build.Into, Defaults = build.Defaults }, progress: null, cancellationToken).ConfigureAwait(false);
        return loaded[0].Image;
    }

    /// <summary>Brings an image from its registry into the store.</summary>
    /// <exception cref="Core.Errors.ReferenceException">The name breaks the grammar.</exception>
    /// <inheritdoc cref="IOrcaImages.PullAsync"/>
    public static Task<StoredImage> PullAsync(this IOrcaImages images, string name, CancellationToken cancellationToken = default) =>
        images.PullAsync(ImageReference.Parse(name), platform: null, progress: null, cancellationToken);
}
