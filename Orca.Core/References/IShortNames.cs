namespace Orca.Core.References;

/// <summary>What names without a registry mean on this machine.</summary>
public interface IShortNames
{
    /// <summary>What a name may mean in the store, the first choice first; never empty. A name with a registry means itself.</summary>
    /// <exception cref="Errors.OrcaException">The settings cannot be read.</exception>
    IReadOnlyList<ImageReference> Meanings(ImageReference name);

    /// <summary>The names to pull it by, each to be tried when the one before is not to be had; never empty.</summary>
    /// <exception cref="Errors.OrcaException">The settings cannot be read, or forbid to choose.</exception>
    IReadOnlyList<ImageReference> Sources(ImageReference name);
}
