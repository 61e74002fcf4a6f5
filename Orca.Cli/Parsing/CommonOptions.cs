namespace Orca.Cli.Parsing;

/// <summary>The options that every command takes.</summary>
internal static class CommonOptions
{
    public static readonly Option Root = new(null, "root", "DIR", "Keep images and containers in DIR (default: $ORCA_ROOT, else ~/.local/share/orca)");
    public static readonly Option Debug = new(null, "debug", null, "Say what is being done, and show stack traces");
    public static readonly Option Help = new(null, "help", null, "Show this help");

    public static readonly Option[] All = [Root, Debug, Help];
}
