namespace Orca;

/// <summary>Copies files between a container and the host.</summary>
internal static class HostCopy
{
    /// <summary>Copies a file of a container to the host; a file that is there already is replaced.</summary>
    internal static async Task CopyOutAsync(IContainerFiles files, string inside, string hostPath, CancellationToken cancellationToken)
    {
        var from = await files.OpenReadAsync(inside, cancellationToken).ConfigureAwait(false);
        await using (from.ConfigureAwait(false))
        {
            var to = File.Create(hostPath);
            await using (to.ConfigureAwait(false))
            {
                await from.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
