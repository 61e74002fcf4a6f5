namespace Orca.Core.Host;

/// <summary>Tries by doing what orca needs of this host. Leaves nothing behind.</summary>
public interface IHostProbe
{
    /// <summary>Tries one thing after the other; what depends on something that failed is left out.</summary>
    IEnumerable<HostFinding> Examine(CancellationToken cancellationToken);
}
