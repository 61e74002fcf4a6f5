using Orca.Cli.Commands.Run;
using Orca.Cli.Parsing;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary>What the commands that bring images from files have in common.</summary>
internal static class LoadSyntax
{
    public static readonly Option Replace = new(null, "replace", null, "Let names that come with an archive take over existing ones");
    public static readonly Option Tag = new(null, "tag", "NAME", "Store the image under this name");

    private static readonly string[] s_archives = [".tar", ".tar.gz", ".tgz", ".tar.zst"];

    /// <summary>Where images can come from, for help.</summary>
    public const string Sources = """
        Where images come from:
          IMAGE                         a registry
          docker-archive:FILE[:NAME]    an archive of 'docker save' or 'podman save'
          oci-archive:FILE[:NAME]       an OCI layout in an archive
          oci:DIR[:NAME]                an OCI layout in a directory
          FILE                          any of these, or the tarball of a root file system, told apart by content
          DIR                           an OCI layout, or a root file system
          -                             standard input, as FILE
          http://... https://...        the address of a FILE
        Files may be compressed with gzip, zstd, xz, bzip2, lzip or compress (.Z).
        """;

    /// <summary>What the options ask for.</summary>
    public static LoadRequest Request(ParsedArguments arguments, ImageLocation location) => new()
    {
        Location = location,
        Name = arguments.Last(Tag) is { } name ? ImageReference.Parse(name) : null,
        Replace = arguments.IsOn(Replace),
        Platform = RunSyntax.ReadPlatform(arguments) ?? Platform.Current,
    };

    /// <summary>How the work is shown.</summary>
    public static string Progress(ParsedArguments arguments) => arguments.IsOn(RunSyntax.Quiet) ? "none" : RegistryOptionTable.ReadProgress(arguments);

    /// <summary>A location of a command that reads files above all: what is there as a file is one, whatever it is called.</summary>
    public static ImageLocation FileFirst(string text) => ImageLocation.IsElsewhere(text) || text.Length == 0 || !IsFile(text) ? ImageLocation.Parse(text) : ImageLocation.OfPath(text);

    /// <summary>True, too, for what is not there and called like an archive: a registry would be asked for it in vain.</summary>
    private static bool IsFile(string text) =>
        Array.Exists(s_archives, ending => text.EndsWith(ending, StringComparison.Ordinal)) || FileSystem.TryStatus(null, PathZ.From(NativeText.Encode(text)), out _) == Errno.None;
}
