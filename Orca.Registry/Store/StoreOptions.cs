namespace Orca.Registry.Store;

/// <summary>What a program may choose about the store.</summary>
public sealed class StoreOptions
{
    /// <summary>Where images and containers lie; null: <c>$ORCA_ROOT</c>, else <c>$XDG_DATA_HOME/orca</c>, else <c>~/.local/share/orca</c>.</summary>
    public string? Root { get; set; }

    /// <summary>Stores that stand behind that one and are only read, in the order in which they are asked; null: those of <c>$ORCA_STORES</c>.</summary>
    public IReadOnlyList<string>? Behind { get; set; }

    /// <summary>What images may ask for that come into the store.</summary>
    public ImageLimits Limits { get; set; } = ImageLimits.Default;

    /// <summary>Hears, a line each, what a user should know while something takes long; null: nobody does.</summary>
    public Action<string>? Notice { get; set; }
}
