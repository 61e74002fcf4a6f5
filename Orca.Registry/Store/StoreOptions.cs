namespace Orca.Registry.Store;

/// <summary>What a program may choose about the store.</summary>
public sealed class StoreOptions
{
    /// <summary>Where images and containers lie; null: <c>$ORCA_ROOT</c>, else <c>$XDG_DATA_HOME/orca</c>, else <c>~/.local/share/orca</c>.</summary>
    public string? Root { get; set; }
}
