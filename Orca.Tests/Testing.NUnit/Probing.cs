using Orca.Core.Host;
using Orca.Testing.Shared;

namespace Orca.Testing.NUnit;

/// <summary>What tests of this package see of the shared part, of which each package has its own.</summary>
internal static class Probing
{
    /// <summary>As <see cref="SharedOrca.Find"/>.</summary>
    internal static string? Problem(IEnumerable<IHostProbe> probes) => SharedOrca.Find(probes);
}
