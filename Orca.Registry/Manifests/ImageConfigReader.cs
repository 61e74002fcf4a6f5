using System.Text.Json;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using static Orca.Registry.Manifests.JsonDocumentReader;

namespace Orca.Registry.Manifests;

/// <summary>Reads image configs, OCI's and Docker's.</summary>
/// <remarks>Source: OCI image-spec, config.md. Only what <see cref="ImageConfig"/> holds is read; the history is informative: it is counted and skipped.</remarks>
internal static class ImageConfigReader
{
    private const int MaxLayers = 4096;
    private const int MaxHistory = 65_536; // steps that made no layer have an entry, too

    /// <summary>What a config says that names no architecture.</summary>
    internal const string UnknownArchitecture = "unknown";

    /// <summary>Reads a config.</summary>
    /// <exception cref="ContentException">The document is not an image config.</exception>
    internal static ImageConfig Read(ReadOnlySpan<byte> json, DocumentLimits? limits = null) => Read(json, "cannot read the image", limits);

    /// <summary>As above, with the start of an error message.</summary>
    internal static ImageConfig Read(ReadOnlySpan<byte> json, string failure, DocumentLimits? limits = null) =>
        JsonDocumentReader.Read(json, limits ?? DocumentLimits.Default, failure, "the image config", static (ref Utf8JsonReader reader) => ReadImage(ref reader));

    private static ImageConfig ReadImage(ref Utf8JsonReader reader)
    {
        string? os = null, architecture = null, variant = null, created = null;
        RootfsFields? rootfs = null;
        var run = default(RunFields);
        while (NextField(ref reader))
        {
            if (IsField(ref reader, "os"u8))
            {
                os = ReadString(ref reader, "os") ?? os;
            }
            else if (IsField(ref reader, "architecture"u8))
            {
                architecture = ReadString(ref reader, "architecture") ?? architecture;
            }
            else if (IsField(ref reader, "variant"u8))
            {
                variant = ReadString(ref reader, "variant") ?? variant;
            }
            else if (IsField(ref reader, "created"u8))
            {
                created = ReadString(ref reader, "created") ?? created;
            }
            else if (IsField(ref reader, "config"u8))
            {
                ReadRun(ref reader, ref run);
            }
            else if (IsField(ref reader, "rootfs"u8))
            {
                ReadRootfs(ref reader, ref rootfs);
            }
            else if (IsField(ref reader, "history"u8))
            {
                SkipHistory(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return new ImageConfig
        {
            Platform = new Platform(TextOr(os, "linux"), TextOr(architecture, UnknownArchitecture), string.IsNullOrEmpty(variant) ? null : variant),
            DiffIds = DiffIdsOf(rootfs ?? throw new MalformedException("has no 'rootfs'")),
            Env = run.Env ?? [],
            Entrypoint = run.Entrypoint,
            Cmd = run.Cmd,
            User = run.User,
            WorkingDir = run.WorkingDir,
            StopSignal = run.StopSignal,
            Created = created,
        };
    }

    private static void SkipHistory(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        for (var count = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (count == MaxHistory)
            {
                throw new MalformedException($"has more entries in 'history' than the limit of {MaxHistory}");
            }

            reader.Skip();
        }
    }

    private static void ReadRun(ref Utf8JsonReader reader, ref RunFields run)
    {
        if (!EnterObject(ref reader, "config"))
        {
            run = default; // a pointer in docker's struct
            return;
        }

        while (NextField(ref reader))
        {
            if (IsField(ref reader, "Env"u8))
            {
                run.Env = ReadStrings(ref reader, "Env");
            }
            else if (IsField(ref reader, "Entrypoint"u8))
            {
                run.Entrypoint = ReadStrings(ref reader, "Entrypoint");
            }
            else if (IsField(ref reader, "Cmd"u8))
            {
                run.Cmd = ReadStrings(ref reader, "Cmd");
            }
            else if (IsField(ref reader, "User"u8))
            {
                run.User = ReadString(ref reader, "User") ?? run.User;
            }
            else if (IsField(ref reader, "WorkingDir"u8))
            {
                run.WorkingDir = ReadString(ref reader, "WorkingDir") ?? run.WorkingDir;
            }
            else if (IsField(ref reader, "StopSignal"u8))
            {
                run.StopSignal = ReadString(ref reader, "StopSignal") ?? run.StopSignal;
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static void ReadRootfs(ref Utf8JsonReader reader, ref RootfsFields? rootfs)
    {
        if (!EnterObject(ref reader, "rootfs"))
        {
            return;
        }

        var fields = rootfs.GetValueOrDefault();
        while (NextField(ref reader))
        {
            if (IsField(ref reader, "type"u8))
            {
                fields.Type = ReadString(ref reader, "rootfs.type") ?? fields.Type;
            }
            else if (IsField(ref reader, "diff_ids"u8))
            {
                fields.DiffIds = ReadDiffIds(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        rootfs = fields;
    }

    private static IReadOnlyList<Digest> DiffIdsOf(RootfsFields rootfs) => rootfs.Type == "layers" ? rootfs.DiffIds ?? []
        : throw new MalformedException(rootfs.Type is null ? "has no 'rootfs.type'" : $"has the rootfs.type '{Quoted.Text(rootfs.Type)}' instead of 'layers'");

    private static List<Digest>? ReadDiffIds(ref Utf8JsonReader reader)
    {
        if (!EnterArray(ref reader, "rootfs.diff_ids"))
        {
            return null;
        }

        var diffIds = new List<Digest>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var text = CurrentString(ref reader, "rootfs.diff_ids");
            diffIds.Add(!Digest.TryParse(text, out var diffId) ? throw new MalformedException($"has the diff id '{Quoted.Text(text)}', which is not a digest of sha256 or sha512")
                : diffIds.Count < MaxLayers ? diffId : throw new MalformedException($"has more layers than the limit of {MaxLayers}"));
        }

        return diffIds;
    }

    private static string TextOr(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : text;

    private struct RootfsFields
    {
        internal string? Type;
        internal IReadOnlyList<Digest>? DiffIds;
    }

    private struct RunFields
    {
        internal IReadOnlyList<string>? Env;
        internal IReadOnlyList<string>? Entrypoint;
        internal IReadOnlyList<string>? Cmd;
        internal string? User;
        internal string? WorkingDir;
        internal string? StopSignal;
    }
}
