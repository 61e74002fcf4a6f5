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
        Options = [JsonOutput.Format],
        Examples = [("orca version --format json", "for programs")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        context.Out.Write(JsonOutput.IsAsked(arguments) ? Json() : $"orca {Number} {Platform.Current}\n");
        return 0;
    }

    private static string Json() => JsonOutput.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("version", Number);
        writer.WriteString("platform", Platform.Current.ToString());
        writer.WriteEndObject();
    });
}
