namespace Orca.Core.Upkeep;

/// <summary>Keeps a store in order: frees what nothing refers to, and holds it against its own records.</summary>
/// <remarks>All of it is safe while other processes pull, run and remove: what they hold is left alone.</remarks>
public interface IStoreUpkeep
{
    /// <summary>Deletes exactly what nothing refers to.</summary>
    /// <remarks>
    /// These are images without a name that no container was made from, what dead processes left behind, and fetched layers whose image is
    /// complete. Named images and kept containers always stay. Doing it twice deletes nothing more.
    /// </remarks>
    PruneReport Prune(PruneOptions options);

    /// <summary>Holds everything in the store against its records; changes nothing.</summary>
    /// <param name="options">How thoroughly.</param>
    /// <param name="cancellationToken">Ends the check early.</param>
    /// <returns>What was found; empty when all is sound.</returns>
    StoreReport Check(CheckOptions options, CancellationToken cancellationToken);

    /// <summary>Lets every user of the machine read the store's images and names, those that come later too; idempotent.</summary>
    /// <remarks>No file that others can reach stays set-uid or set-gid on the disk: it would make them the store's owner (CVE-2021-41091).</remarks>
    ShareReport Share();

    /// <summary>Closes the store to other users again; idempotent.</summary>
    void Unshare();
}
