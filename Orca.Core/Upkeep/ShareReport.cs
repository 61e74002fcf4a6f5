namespace Orca.Core.Upkeep;

/// <summary>What opening a store to other users did.</summary>
/// <param name="Store">Absolute path of its root.</param>
/// <param name="Cleared">Files of images that were set-uid or set-gid on the disk and are not any more.</param>
public sealed record ShareReport(string Store, int Cleared);
