using System.Text.Json;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca images</c>.</summary>
internal sealed class ImagesCommand : Command
{
    private static readonly Option s_quiet = new('q', "quiet", null, "Print digests only");

    private static readonly string[] s_headings = ["IMAGE", "DIGEST", "PULLED", "SIZE", "SHARED"];

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca images",
        Usage = ["[OPTIONS]"],
        Summary = "List the images in the store, and in those that ORCA_STORES names.",
        AtMost = 0,
        Interspersed = true,
        Options = [JsonOutput.Format, s_quiet, AcceptedSyntax.Take('a', "all", null, string.Empty), Table.Whole],
        Remarks = """
            SIZE is what an image's files hold; SHARED is the part of it in files that lie on the disk once for several
            images. STORE tells the images that lie in another store, which is only read.
            """,
        Examples = [("orca images", "a table"), ("orca images --format json", "for programs"), ("orca rmi $(orca images -q)", "remove them all")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var json = JsonOutput.IsAsked(arguments);
        var images = context.Get<IImageStore>().List();
        DamageNotes.Write(context, containers: false);
        if (arguments.IsOn(s_quiet))
        {
            context.Out.Write(Digests(images));
            return 0;
        }

        var shared = context.Get<IStoreMeter>().MeasureSharing().ToDictionary(static one => one.Image.Digest, static one => one.Shared);
        context.Out.Write(json ? Json(images, shared) : Text(images, shared, context.Time.GetUtcNow(), arguments.IsOn(Table.Whole)).For(context.Out, arguments.IsOn(Table.Whole)));
        return 0;
    }

    private static string Digests(IReadOnlyList<StoredImage> images) =>
        string.Concat(images.Select(image => image.Digest).Distinct().Select(digest => digest + "\n"));

    private static Table Text(IReadOnlyList<StoredImage> images, Dictionary<Digest, long> shared, DateTimeOffset now, bool whole)
    {
        var isMarked = images.Any(static image => image.Store is not null);
        var table = new Table([.. s_headings, .. isMarked ? ["STORE"] : Array.Empty<string>()]) { LeastImportant = ["SHARED", "PULLED"] };
        foreach (var image in images)
        {
            foreach (var name in Names(image, whole))
            {
                string[] cells = [name, whole ? image.Digest.ToString() : image.Digest.Abbreviated, Amount.Ago(now - image.Pulled), Amount.Bytes(image.Size), Amount.Bytes(shared.GetValueOrDefault(image.Digest))];
                table.Add(isMarked ? [.. cells, Quoted.Text(image.Store ?? "-")] : cells);
            }
        }

        return table;
    }

    private static IEnumerable<string> Names(StoredImage image, bool whole) =>
        image.References.Count == 0 ? ["<none>"] : image.References.Select(reference => StoredImages.Shown(reference, whole));

    private static string Json(IReadOnlyList<StoredImage> images, Dictionary<Digest, long> shared) => JsonOutput.Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var image in images)
        {
            Write(writer, image, shared.GetValueOrDefault(image.Digest));
        }

        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, StoredImage image, long shared)
    {
        writer.WriteStartObject();
        writer.WriteString("digest", image.Digest.ToString());
        writer.WriteStartArray("names");
        foreach (ImageReference reference in image.References)
        {
            writer.WriteStringValue(reference.ToString());
        }

        writer.WriteEndArray();
        writer.WriteString("platform", image.Config.Platform.ToString());
        writer.WriteNumber("size", image.Size);
        writer.WriteNumber("shared", shared);
        writer.WriteString("pulled", image.Pulled);
        writer.WriteString("store", image.Store);
        writer.WriteEndObject();
    }
}
