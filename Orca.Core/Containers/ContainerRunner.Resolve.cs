using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Core.Containers;

/// <content>What the names of a request mean.</content>
public sealed partial class ContainerRunner
{
    /// <inheritdoc/>
    public ResolvedRun Resolve(RunRequest request)
    {
        var known = request.Name is { } name ? containers.Find(name) : null;
        if (known is not null && !request.Fresh && !request.Replace)
        {
            return new ResolvedRun { Request = request, Known = known };
        }

        var reference = request.Image is { } asked ? names?.InStore(images, asked) ?? asked : known?.Image ?? throw new StoreException(
            $"cannot run container '{Quoted.Text(request.Name ?? string.Empty)}': there is no such container", KeptContainerHints.Make(request.Name));
        var stored = images.Find(reference);
        var image = stored is not null && (request.Platform is not { } platform || platform.Accepts(stored.Config.Platform)) ? stored : null;
        return image is not null || request.Pull != PullPolicy.Never
            ? new ResolvedRun { Request = request, Known = known, Reference = reference, Image = image, NeedsPull = image is null || request.Pull == PullPolicy.Always }
            : throw Missing(reference, stored, request);
    }

    private static StoreException Missing(ImageReference image, StoredImage? other, RunRequest request) => other is not null && request.Platform is { } asked
        ? new($"cannot run '{image.Familiar}': the image in the store is for {Quoted.Text(other.Config.Platform.ToString())}, not for {asked}", $"fetch the other with 'orca pull --platform {asked} {image.Familiar}'")
        : new($"cannot run '{image.Familiar}': the image is not in the store", $"fetch it with 'orca pull {image.Familiar}'");
}
