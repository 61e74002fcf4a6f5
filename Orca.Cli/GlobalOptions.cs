namespace Orca.Cli;

/// <summary>What the common options say.</summary>
/// <param name="Root">Where the store lies; null for the default.</param>
/// <param name="Debug">Log, and show stack traces.</param>
internal sealed record GlobalOptions(string? Root, bool Debug);
