using System.Text.Json;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary><c>orca volume create</c>.</summary>
internal sealed class VolumeCreateCommand : Command
{
    private static readonly Option s_ignore = new(null, "ignore", null, "A volume that is there is no error");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca volume create",
        Usage = ["[OPTIONS] [NAME]"],
        Summary = "Make an empty volume and print its name.",
        Argument = "NAME",
        AtMost = 1,
        Interspersed = true,
        Options = [s_ignore],
        Examples = [("orca volume create data", "and mount it with -v data:/data")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) =>
        EachArgument.DoAll(arguments.Positionals.Count > 0 ? arguments.Positionals : [DetachedStart.NewName()], context, name =>
        {
            var store = context.Get<IVolumeStore>();
            if (!arguments.IsOn(s_ignore) && store.Find(name) is not null)
            {
                throw new StoreException($"cannot make volume '{name}': there is one of that name");
            }

            store.Ensure(name);
            context.Out.Write(name + "\n");
            return 0;
        });
}

/// <summary><c>orca volume ls</c>.</summary>
internal sealed class VolumeListCommand : Command
{
    private static readonly Dictionary<string, string> s_headings = new(StringComparer.OrdinalIgnoreCase) { ["Name"] = "VOLUME NAME" };
    private static readonly Option s_filter = new('f', "filter", "NAME=VALUE", "List what fits: name=TEXT, dangling=true or false, driver=local");
    private static readonly Option s_quiet = new('q', "quiet", null, "Print names only");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca volume ls",
        Usage = ["[OPTIONS]"],
        Summary = "List the volumes and the containers that use them.",
        AtMost = 0,
        Interspersed = true,
        Options = [s_filter, ResultFormat.Format, s_quiet, Table.Whole],
        Examples = [("orca volume ls -q", "names alone")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var store = context.Get<IVolumeStore>();
        var format = ResultFormat.Template(arguments, ResultFormat.Format);
        IReadOnlyList<Volume> volumes = [.. store.List().Where(volume => arguments.All(s_filter).TrueForAll(filter => Fits(store, volume, filter)))];
        if (arguments.IsOn(s_quiet))
        {
            context.Out.Write(string.Concat(volumes.Select(static volume => volume.Name + "\n")));
            return 0;
        }

        if (format is not null || arguments.Last(ResultFormat.Format) == "json")
        {
            context.Out.Write(VolumeInspectCommand.Text(store, volumes, format, s_headings, context.Out));
            return 0;
        }

        var table = new Table("VOLUME", "CREATED", "USED BY");
        foreach (var volume in volumes)
        {
            var users = store.UsersOf(volume);
            table.Add(volume.Name, Amount.Ago(context.Time.GetUtcNow() - volume.Created), users.Count == 0 ? "-" : string.Join(", ", users));
        }

        context.Out.Write(table.For(context.Out, arguments.IsOn(Table.Whole)));
        return 0;
    }

    private static bool Fits(IVolumeStore store, Volume volume, string filter) => filter.Split('=', 2) switch
    {
        ["name", var text] => volume.Name.Contains(text, StringComparison.Ordinal),
        ["dangling", "true" or "1"] => store.UsersOf(volume).Count == 0,
        ["dangling", "false" or "0"] => store.UsersOf(volume).Count > 0,
        ["driver", var driver] => driver == "local",
        _ => throw ContainerFilter.Wrong(filter, "it is none of name=TEXT, dangling=true, dangling=false, driver=local"),
    };
}

/// <summary><c>orca volume inspect</c>.</summary>
internal sealed class VolumeInspectCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca volume inspect",
        Usage = ["[OPTIONS] NAME..."],
        Summary = "Print what is known of volumes, as JSON in docker's shape.",
        Argument = "NAME",
        AtLeast = 1,
        Interspersed = true,
        Options = [ResultFormat.FormatOfOne],
        Examples = [("orca volume inspect -f '{{.Mountpoint}}' data", "where its files lie")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var store = context.Get<IVolumeStore>();
        var format = ResultFormat.Template(arguments, ResultFormat.FormatOfOne);
        var found = new List<Volume>();
        var status = EachArgument.DoAll(arguments.Positionals, context, name =>
        {
            found.Add(store.Find(name) ?? throw new StoreException($"cannot inspect volume '{Quoted.Text(name)}': no such volume"));
            return 0;
        });
        context.Out.Write(Text(store, found, format, new Dictionary<string, string>(), context.Out));
        return status;
    }

    /// <summary>Returns volumes as JSON, or as a template shows them.</summary>
    internal static string Text(IVolumeStore store, IReadOnlyList<Volume> volumes, string? format, IReadOnlyDictionary<string, string> headings, ITextOutput output) =>
        format is null ? JsonOutput.Build(writer => Write(writer, store, volumes)) : ResultFormat.Rows(format, headings, output, writer => Write(writer, store, volumes));

    private static void Write(Utf8JsonWriter writer, IVolumeStore store, IReadOnlyList<Volume> volumes)
    {
        writer.WriteStartArray();
        foreach (var volume in volumes)
        {
            writer.WriteStartObject();
            writer.WriteString("Name", volume.Name);
            writer.WriteString("Driver", "local");
            writer.WriteString("Mountpoint", volume.Path);
            writer.WriteString("CreatedAt", volume.Created);
            writer.WriteString("Scope", "local");
            writer.WriteStartObject("Labels");
            writer.WriteEndObject();
            writer.WriteStartObject("Options");
            writer.WriteEndObject();
            JsonOutput.WriteStrings(writer, "UsedBy", store.UsersOf(volume));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

/// <summary><c>orca volume rm</c>.</summary>
internal sealed class VolumeRemoveCommand : Command
{
    private static readonly Option s_force = new('f', "force", null, "A missing volume is no error");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca volume rm",
        Usage = ["[OPTIONS] NAME..."],
        Summary = "Delete volumes and what is in them.",
        Argument = "NAME",
        AtLeast = 1,
        Interspersed = true,
        Options = [s_force],
        Examples = [("orca volume rm data", "refused while a container uses it")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => EachArgument.DoAll(arguments.Positionals, context, name =>
    {
        var store = context.Get<IVolumeStore>();
        if (arguments.IsOn(s_force) && store.Find(name) is null)
        {
            return 0;
        }

        store.Remove(name);
        context.Out.Write(name + "\n");
        return 0;
    });
}

/// <summary><c>orca volume prune</c>.</summary>
internal sealed class VolumePruneCommand : Command
{
    private static readonly Option s_all = new('a', "all", null, "Needed: every volume here has a name that somebody gave it");
    private static readonly Option s_force = new('f', "force", null, "Accepted: nothing is asked");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca volume prune",
        Usage = ["--all [OPTIONS]"],
        Summary = "Delete all volumes that no container uses.",
        AtMost = 0,
        Interspersed = true,
        Options = [s_all, s_force],
        Examples = [("orca volume prune --all", "prints the names of what it deletes")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var store = context.Get<IVolumeStore>();
        string[] unused = arguments.IsOn(s_all) ? [.. store.List().Where(volume => store.UsersOf(volume).Count == 0).Select(static volume => volume.Name)] : []; // as in docker: without --all, those without a name
        return EachArgument.DoAll(unused, context, name =>
        {
            store.Remove(name);
            context.Out.Write(name + "\n");
            return 0;
        });
    }
}
