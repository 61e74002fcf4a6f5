using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Testing;

/// <summary>An image of one layer, made in memory: directories, files and links in the order of the calls. The same calls make the same image.</summary>
/// <remarks>With a <see cref="MemoryRegistry"/> it can be pulled by the library itself, which verifies it, stores it and runs it.</remarks>
public sealed class MemoryImage
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Plain = (UnixFileMode)0b110_100_100;
    private readonly List<(TarEntryType Type, string Path, UnixFileMode Mode, byte[] Bytes, string Target)> _entries = [];
    private readonly List<string> _env = [];
    private readonly List<string> _command = [];
    private string? _user;
    private string? _workingDirectory;

    /// <summary>Adds a directory.</summary>
    public MemoryImage Directory(string path, UnixFileMode mode = Executable) => Add(TarEntryType.Directory, path, mode, [], string.Empty);

    /// <summary>Adds a file with a text.</summary>
    public MemoryImage File(string path, string text, UnixFileMode mode = Plain) => File(path, Encoding.UTF8.GetBytes(text), mode);

    /// <summary>Adds a file.</summary>
    public MemoryImage File(string path, byte[] bytes, UnixFileMode mode = Plain) => Add(TarEntryType.RegularFile, path, mode, bytes, string.Empty);

    /// <summary>Adds a symbolic link.</summary>
    public MemoryImage Link(string path, string target) => Add(TarEntryType.SymbolicLink, path, Executable, [], target);

    /// <summary>Adds a variable as <c>NAME=value</c>.</summary>
    public MemoryImage Env(string variable)
    {
        _env.Add(variable);
        return this;
    }

    /// <summary>Says what a container runs that names no command.</summary>
    public MemoryImage Command(params string[] command)
    {
        _command.Clear();
        _command.AddRange(command);
        return this;
    }

    /// <summary>Says as whom, and where, the command runs.</summary>
    public MemoryImage RunsAs(string? user, string? workingDirectory = null)
    {
        (_user, _workingDirectory) = (user, workingDirectory);
        return this;
    }

    /// <summary>Returns the documents and the compressed layer, whose digests agree.</summary>
    internal (ImageContent Content, Dictionary<Digest, byte[]> Blobs) Build(Platform platform)
    {
        var archive = Archive();
        var layer = Compress(archive);
        var config = new ImageConfig
        {
            Platform = platform,
            DiffIds = [DigestOf(archive)],
            Env = [.. _env],
            Cmd = _command.Count > 0 ? [.. _command] : null,
            User = _user,
            WorkingDir = _workingDirectory,
        };
        var configBytes = Write(config);
        var manifest = new ImageManifest { Config = Describe(MediaTypes.OciConfig, configBytes), Layers = [Describe(MediaTypes.OciLayerGzip, layer)] };
        var manifestBytes = Write(manifest);
        var content = new ImageContent { Digest = DigestOf(manifestBytes), ManifestBytes = manifestBytes, Manifest = manifest, ConfigBytes = configBytes, Config = config };
        return (content, new() { [manifest.Layers[0].Digest] = layer });
    }

    private static Digest DigestOf(byte[] bytes) => Digest.OfSha256(SHA256.HashData(bytes));

    private static Descriptor Describe(string type, byte[] bytes) => new() { MediaType = type, Digest = DigestOf(bytes), Size = bytes.Length };

    private static byte[] Compress(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    private static byte[] Write(ImageConfig config) => Json(writer =>
    {
        writer.WriteString("architecture", config.Platform.Architecture);
        writer.WriteString("os", config.Platform.Os);
        writer.WriteStartObject("config");
        WriteStrings(writer, "Env", config.Env);
        WriteStrings(writer, "Cmd", config.Cmd ?? []);
        writer.WriteString("User", config.User ?? string.Empty);
        writer.WriteString("WorkingDir", config.WorkingDir ?? string.Empty);
        writer.WriteEndObject();
        writer.WriteStartObject("rootfs");
        writer.WriteString("type", "layers");
        WriteStrings(writer, "diff_ids", [config.DiffIds[0].ToString()]);
        writer.WriteEndObject();
    });

    private static byte[] Write(ImageManifest manifest) => Json(writer =>
    {
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", MediaTypes.OciManifest);
        writer.WritePropertyName("config");
        Write(writer, manifest.Config);
        writer.WriteStartArray("layers");
        Write(writer, manifest.Layers[0]);
        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, Descriptor descriptor)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType", descriptor.MediaType);
        writer.WriteString("digest", descriptor.Digest.ToString());
        writer.WriteNumber("size", descriptor.Size);
        writer.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private byte[] Archive()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (type, path, mode, content, target) in _entries)
            {
                var entry = new PaxTarEntry(type, path) { Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch };
                if (type == TarEntryType.SymbolicLink)
                {
                    entry.LinkName = target;
                }
                else if (type == TarEntryType.RegularFile)
                {
                    entry.DataStream = new MemoryStream(content, writable: false);
                }

                tar.WriteEntry(entry);
            }
        }

        return bytes.ToArray();
    }

    private MemoryImage Add(TarEntryType type, string path, UnixFileMode mode, byte[] bytes, string target)
    {
        _entries.Add((type, path.Trim('/'), mode, bytes, target));
        return this;
    }
}
