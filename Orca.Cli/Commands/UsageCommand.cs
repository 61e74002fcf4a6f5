using System.Globalization;
using System.Text.Json;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca system df</c>.</summary>
internal sealed class UsageCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca system df",
        Usage = ["[OPTIONS]"],
        Summary = "Show what takes how much space on the disk.",
        AtMost = 0,
        Interspersed = true,
        Options = [JsonOutput.Format, Table.Whole, AcceptedSyntax.Take('v', "verbose", null, string.Empty)],
        Remarks = """
            Images can share files. SHARED is what other images use too; OWN is what removing the image would free.
            """,
        Examples = [("orca system df", "a table"), ("orca system df --format json", "for programs")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var json = JsonOutput.IsAsked(arguments);
        var usage = context.Get<IStoreMeter>().Measure();
        DamageNotes.Write(context);
        context.Out.Write(json ? Json(usage) : $"store {usage.Store} ({usage.FileSystem}, {Amount.Bytes(usage.Free)} free)\n\n{Text(usage).For(context.Out, arguments.IsOn(Table.Whole))}");
        return 0;
    }

    private static Table Text(StoreUsage usage)
    {
        var table = new Table("WHAT", "ON DISK", "SHARED", "OWN") { LeastImportant = ["SHARED"] };
        foreach (var image in usage.Images)
        {
            table.Add("image " + NameOf(image), Amount.Bytes(image.Bytes), Amount.Bytes(image.Shared), Amount.Bytes(image.Own));
        }

        foreach (var container in usage.Containers)
        {
            table.Add("container " + container.Name, Amount.Bytes(container.Bytes), "-", Amount.Bytes(container.Bytes));
        }

        foreach (var volume in usage.Volumes)
        {
            table.Add("volume " + volume.Name, Amount.Bytes(volume.Bytes), "-", Amount.Bytes(volume.Bytes));
        }

        table.Add(Count(usage.Images.Count, "image") + ", together", Amount.Bytes(usage.ImageBytes), "-", "-");
        Add(table, usage.Snapshots, "layer of snapshots", "layers of snapshots");
        Add(table, usage.Parts, "fetched layer");
        Add(table, usage.Staging, "tree in staging", "trees in staging");
        Add(table, usage.Garbage, "leftover to prune", "leftovers to prune");
        return table;
    }

    private static void Add(Table table, PileUsage pile, string one, string? many = null)
    {
        if (pile.Count > 0)
        {
            table.Add(Count(pile.Count, one, many), Amount.Bytes(pile.Bytes), "-", Amount.Bytes(pile.Bytes));
        }
    }

    private static string Count(int count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");

    private static string NameOf(ImageUsage image) => image.Image.References.Count > 0 ? StoredImages.Shown(image.Image.References[0], whole: false) : image.Image.Digest.Abbreviated;

    private static string Json(StoreUsage usage) => JsonOutput.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("store", usage.Store);
        writer.WriteString("fileSystem", usage.FileSystem);
        writer.WriteNumber("free", usage.Free);
        writer.WriteNumber("imageBytes", usage.ImageBytes);
        writer.WriteStartArray("images");
        foreach (var image in usage.Images)
        {
            writer.WriteStartObject();
            writer.WriteString("digest", image.Image.Digest.ToString());
            writer.WriteStartArray("names");
            foreach (var name in image.Image.References)
            {
                writer.WriteStringValue(name.ToString());
            }

            writer.WriteEndArray();
            writer.WriteNumber("bytes", image.Bytes);
            writer.WriteNumber("shared", image.Shared);
            writer.WriteNumber("own", image.Own);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("containers");
        foreach (var container in usage.Containers)
        {
            writer.WriteStartObject();
            writer.WriteString("name", container.Name);
            writer.WriteNumber("bytes", container.Bytes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("volumes");
        foreach (var volume in usage.Volumes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", volume.Name);
            writer.WriteNumber("bytes", volume.Bytes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        Write(writer, "snapshots", usage.Snapshots);
        Write(writer, "parts", usage.Parts);
        Write(writer, "staging", usage.Staging);
        Write(writer, "garbage", usage.Garbage);
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, string name, PileUsage pile)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("count", pile.Count);
        writer.WriteNumber("bytes", pile.Bytes);
        writer.WriteEndObject();
    }
}
