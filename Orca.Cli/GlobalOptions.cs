namespace Orca.Cli;

/// <summary>The values of the options that decide how services are created.</summary>
/// <param name="Root">The directory of the store; null for the default.</param>
/// <param name="Debug">Log, and show stack traces.</param>
internal sealed record GlobalOptions(string? Root, bool Debug)
{
    /// <summary>Whether registries are checked; null for what registries.conf says.</summary>
    public bool? TlsVerify { get; init; }

    /// <summary>True when compressed layers are not kept on the disk.</summary>
    public bool NoResume { get; init; }

    /// <summary>The file of logins; null for docker's and podman's.</summary>
    public string? AuthFile { get; init; }

    /// <summary>True when messages are for a program: one JSON object a line.</summary>
    public bool JsonMessages { get; init; }

    /// <summary>Limits of images that differ from the usual ones, each <c>NAME=VALUE</c>.</summary>
    public IReadOnlyList<string> ImageLimits { get; init; } = [];

    /// <summary>Receives what the user should know although nothing failed.</summary>
    public Action<string>? Note { get; init; }
}
