using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca inspect</c>.</summary>
internal sealed class InspectCommand : Command
{
    private static readonly Option s_format = new('f', "format", "FORMAT", "'json' (default), or a Go template such as '{{.State.Status}}'");
    private static readonly Option s_type = new(null, "type", "TYPE", "'container' or 'image'; both are looked for when nothing is said");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca inspect",
        Usage = ["[OPTIONS] NAME..."],
        Summary = "Print what is known of containers and images, as JSON in docker's shape.",
        Argument = "NAME",
        AtLeast = 1,
        Interspersed = true,
        Options = [s_format, s_type],
        Examples = [("orca inspect web", "state, command, mounts"), ("orca inspect --type image debian", "configuration and layers")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var type = arguments.Last(s_type) ?? string.Empty;
        if (type is not ("" or "container" or "image"))
        {
            throw new ReferenceException($"cannot use option '--type': '{Quoted.Text(type)}' is neither container nor image", UsageError.SeeHelp(s_syntax));
        }

        var format = ResultFormat.Template(arguments, s_format);
        var status = 0;
        void Write(System.Text.Json.Utf8JsonWriter writer)
        {
            writer.WriteStartArray();
            status = EachArgument.DoAll(arguments.Positionals, context, name =>
            {
                if (type != "image" && context.Get<IContainerStore>().Look(name) is { } container)
                {
                    InspectDocument.Write(writer, container, context.Get<IImageStore>().Find(container.Record.ImageDigest), context.Get<IContainerStore>());
                }
                else if (type != "container")
                {
                    InspectDocument.Write(writer, Image(context, name));
                }
                else
                {
                    throw ContainerFailure.Missing("inspect", name);
                }

                return 0;
            });
            writer.WriteEndArray();
        }

        context.Out.Write(format is null ? JsonOutput.Build(Write) : ResultFormat.Rows(format, new Dictionary<string, string>(), context.Out, Write));
        return status;
    }

    private static StoredImage Image(CommandContext context, string name)
    {
        var store = context.Get<IImageStore>();
        return StoredImages.ByDigest(context, name, "cannot inspect image")
            ?? (ImageReference.TryParse(name, out var reference) ? store.Find(context.Get<IShortNames>().InStore(store, reference) ?? reference) : null)
            ?? throw new StoreException($"cannot inspect '{Quoted.Text(name)}': no such container or image", "'orca ps -a' lists what is there");
    }
}
