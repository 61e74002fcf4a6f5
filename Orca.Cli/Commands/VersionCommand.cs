using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca version</c>.</summary>
internal sealed class VersionCommand : Command
{
    /// <summary>The version; a constant, because asking the assembly for it needs reflection. A test holds the two together.</summary>
    public const string Number = "0.1.0";

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca version",
        Usage = ["[OPTIONS]"],
        Summary = "Print the version.",
        AtMost = 0,
        Interspersed = true,
        Options = [ResultFormat.FormatOfOne],
        Examples = [("orca version --format json", "for programs"), ("orca version -f '{{.Client.Version}}'", "the number alone")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        if (ResultFormat.Template(arguments, ResultFormat.FormatOfOne) is { } format)
        {
#if FRONT
            Process.Handoff.ToFullBinary(context.Files);
#else
            context.Out.Write(ResultFormat.One(format, context.Out, Write));
            return 0;
#endif
        }

        context.Out.Write(arguments.Last(ResultFormat.FormatOfOne) == "json" ? Json() : $"orca {Number} {Platform.Current}\n");
        return 0;
    }

    private static string Json() => JsonOutput.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("version", Number);
        writer.WriteString("platform", Platform.Current.ToString());
        writer.WriteEndObject();
    });
#if !FRONT

    /// <summary>Docker's and podman's names; client and server are one program here.</summary>
    private static void Write(System.Text.Json.Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var part in (string[])["Client", "Server"])
        {
            writer.WriteStartObject(part);
            WriteFields(writer);
            writer.WriteEndObject();
        }

        WriteFields(writer);
        writer.WriteEndObject();
    }

    private static void WriteFields(System.Text.Json.Utf8JsonWriter writer)
    {
        writer.WriteString("Version", Number);
        writer.WriteString("Os", Platform.Current.Os);
        writer.WriteString("Arch", Platform.Current.Architecture);
        writer.WriteString("OsArch", $"{Platform.Current.Os}/{Platform.Current.Architecture}");
    }
#endif
}
