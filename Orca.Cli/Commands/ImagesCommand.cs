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

    private static readonly Option s_filter = new('f', "filter", "NAME=VALUE", "Only images that it lets through, see below");
    private static readonly Option s_noHeading = new('n', "noheading", null, "Print no headings");
    private static readonly Option s_sort = new(null, "sort", "ORDER", "Sort by created, id, repository, size or tag");

    private static readonly string[] s_headings = ["IMAGE", "DIGEST", "PULLED", "SIZE", "SHARED"];

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca images",
        Usage = ["[OPTIONS] [NAME]"],
        Summary = "List the images in the store, and in those that ORCA_STORES names.",
        Argument = "NAME",
        AtMost = 1,
        Interspersed = true,
        Options =
        [
            s_filter, ResultFormat.Format, s_noHeading, s_quiet, s_sort, Table.Whole, AcceptedSyntax.Take('a', "all", null, string.Empty), AcceptedSyntax.Take(null, "digests", null, string.Empty),
        ],
        Remarks = """
            SIZE is what an image's files hold; SHARED is the part of it in files that lie on the disk once for several
            images. STORE tells the images that lie in another store, which is only read.

            Filters are reference=PATTERN, dangling=true|false, before=IMAGE, since=IMAGE, until=TIME, id=ID, digest=DIGEST
            and readonly=true|false. A template has docker's fields: ID, Repository, Tag, Digest, CreatedAt, CreatedSince, Size.
            """,
        Examples = [("orca images", "a table"), ("orca images --format json", "for programs"), ("orca images --format '{{.Repository}}:{{.Tag}}'", "in a form of your own"), ("orca rmi $(orca images -q)", "remove them all")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var json = arguments.Last(ResultFormat.Format) == "json";
        var format = ResultFormat.Template(arguments, ResultFormat.Format);
#if FRONT
        if (format is not null || arguments.Positionals.Count > 0 || arguments.Last(s_filter) is not null || arguments.Last(s_sort) is not null)
        {
            Process.Handoff.ToFullBinary(context.Files);
        }

        var images = context.Get<IImageStore>().List();
#else
        var images = ImageFilter.Apply(context, context.Get<IImageStore>().List(), arguments.Positionals is [var name] ? name : null, arguments.All(s_filter));
        images = arguments.Last(s_sort) is { } order ? ImageFilter.Sorted(images, order) : images;
#endif
        DamageNotes.Write(context, containers: false);
        if (arguments.IsOn(s_quiet))
        {
            context.Out.Write(Digests(images));
            return 0;
        }

        var shared = context.Get<IStoreMeter>().MeasureSharing().ToDictionary(static one => one.Image.Digest, static one => one.Shared);
#if !FRONT
        if (format is not null)
        {
            context.Out.Write(ResultFormat.Rows(format, ImageRows.Headings, context.Out, writer => ImageRows.Write(writer, images, shared, context.Time.GetUtcNow(), arguments.IsOn(Table.Whole))));
            return 0;
        }

#endif
        context.Out.Write(json ? Json(images, shared) : Text(images, shared, context.Time.GetUtcNow(), arguments.IsOn(Table.Whole), !arguments.IsOn(s_noHeading)).For(context.Out, arguments.IsOn(Table.Whole)));
        return 0;
    }

    private static string Digests(IReadOnlyList<StoredImage> images) =>
        string.Concat(images.Select(image => image.Digest).Distinct().Select(digest => digest + "\n"));

    private static Table Text(IReadOnlyList<StoredImage> images, Dictionary<Digest, long> shared, DateTimeOffset now, bool whole, bool hasHeading)
    {
        var isMarked = images.Any(static image => image.Store is not null);
        var table = new Table([.. s_headings, .. isMarked ? ["STORE"] : Array.Empty<string>()]) { HasHeading = hasHeading, LeastImportant = ["SHARED", "PULLED"] };
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
