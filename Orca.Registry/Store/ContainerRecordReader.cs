using System.Text.Json;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca.Registry.Store;

/// <summary>Reads what <see cref="ContainerRecordWriter"/> wrote; fields that it does not know are skipped.</summary>
internal static class ContainerRecordReader
{
    internal const int MaxLength = 16 << 20;

    /// <summary>Null when the bytes are no whole record.</summary>
    internal static (ContainerRecord Record, bool IsKept)? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? ReadRecord(ref reader) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ReferenceException)
        {
            return null;
        }
    }

    private static (ContainerRecord Record, bool IsKept)? ReadRecord(ref Utf8JsonReader reader)
    {
        string? name = null, image = null, digestText = null;
        DateTimeOffset? created = null;
        RunOptions? options = null;
        var isKept = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            switch (field)
            {
                case "kept":
                    isKept = reader.GetBoolean();
                    break;
                case "name":
                    name = reader.GetString();
                    break;
                case "image":
                    image = reader.GetString();
                    break;
                case "imageDigest":
                    digestText = reader.GetString();
                    break;
                case "created":
                    created = reader.GetDateTimeOffset();
                    break;
                case "options":
                    options = ReadOptions(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return reader.TokenType == JsonTokenType.EndObject && name is not null && created is { } at && options is not null
            && ImageReference.TryParse(image, out var reference) && Digest.TryParse(digestText, out var digest)
            ? (new ContainerRecord { Name = name, Image = reference, ImageDigest = digest, Created = at, Options = options }, isKept) : null;
    }

    private static RunOptions ReadOptions(ref Utf8JsonReader reader)
    {
        var options = new RunOptions();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            switch (field)
            {
                case "entrypoint":
                    options = options with { Entrypoint = ReadTexts(ref reader) };
                    break;
                case "command":
                    options = options with { Command = ReadTexts(ref reader) };
                    break;
                case "env":
                    options = options with { Env = ReadTexts(ref reader) };
                    break;
                case "mounts":
                    options = options with { Mounts = ReadMounts(ref reader) };
                    break;
                case "workingDirectory":
                    options = options with { WorkingDirectory = ReadText(ref reader) };
                    break;
                case "user":
                    options = options with { User = ReadText(ref reader) };
                    break;
                case "hostname":
                    options = options with { Hostname = ReadText(ref reader) };
                    break;
                case SecurityRecord.Field:
                    options = options with { Security = SecurityRecord.Read(ref reader) };
                    break;
                case "terminal":
                    options = options with { Terminal = reader.GetBoolean() };
                    break;
                case "interactive":
                    options = options with { Interactive = reader.GetBoolean() };
                    break;
                default:
                    options = ReadIsolation(ref reader, field, options);
                    break;
            }
        }

        return options;
    }

    private static RunOptions ReadIsolation(ref Utf8JsonReader reader, string? field, RunOptions options)
    {
        switch (field)
        {
            case "readOnly":
                return options with { ReadOnly = reader.GetBoolean() };
            case "tmpfs":
                return options with { TemporaryMounts = ReadTexts(ref reader).ConvertAll(TemporaryMount.Parse) };
            case "changesInMemory":
                return options with { ChangesInMemory = reader.GetInt64() };
            case "sharedMemory":
                return options with { SharedMemory = reader.GetInt64() };
            case "resourceLimits":
                return options with { ResourceLimits = ReadTexts(ref reader).ConvertAll(ResourceLimit.Parse) };
            case "memory":
                return options with { Limits = options.Limits with { Memory = reader.GetInt64() } };
            case "memoryAndSwap":
                return options with { Limits = options.Limits with { MemoryAndSwap = reader.GetInt64() } };
            case "nanoCpus":
                return options with { Limits = options.Limits with { NanoCpus = reader.GetInt64() } };
            case "processes":
                return options with { Limits = options.Limits with { Processes = reader.GetInt64() } };
            case "network":
                return options with { Network = ReadMode(ref reader) };
            case "ipc":
                return options with { Ipc = ReadMode(ref reader) };
            case "uts":
                return options with { Uts = ReadMode(ref reader) };
            case "pid":
                return options with { Pid = ReadMode(ref reader) };
            case "init":
                return options with { Init = reader.GetBoolean() };
            case "stopSignal":
                return Signal.TryParse(reader.GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture), out var signal)
                    ? options with { StopSignal = signal } : throw new FormatException("a signal that is none");
            case "timeout":
                return options with { Timeout = TimeSpan.FromTicks(reader.GetInt64()) };
            case "dns":
                return options with { Names = options.Names with { Servers = ReadTexts(ref reader) } };
            case "dnsSearch":
                return options with { Names = options.Names with { Search = ReadTexts(ref reader) } };
            case "dnsOptions":
                return options with { Names = options.Names with { Resolver = ReadTexts(ref reader) } };
            case "hosts":
                return options with { Names = options.Names with { Hosts = ReadTexts(ref reader).ConvertAll(HostEntry.Parse) } };
            case "httpProxy":
                return options with { HttpProxy = reader.GetBoolean() };
            case "timeZone":
                return options with { TimeZone = reader.GetString() };
            default:
                reader.Skip();
                return options;
        }
    }

    private static NamespaceMode ReadMode(ref Utf8JsonReader reader) => reader.GetString() switch
    {
        nameof(NamespaceMode.Own) => NamespaceMode.Own,
        nameof(NamespaceMode.Host) => NamespaceMode.Host,
        _ => throw new FormatException("a namespace that this orca does not know"),
    };

    private static List<BindMount> ReadMounts(ref Utf8JsonReader reader)
    {
        var mounts = new List<BindMount>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var mount = new BindMount(string.Empty, string.Empty, ReadOnly: false);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = reader.GetString();
                reader.Read();
                mount = field switch
                {
                    "source" => mount with { Source = ReadText(ref reader) ?? string.Empty },
                    "destination" => mount with { Destination = ReadText(ref reader) ?? string.Empty },
                    "readOnly" => mount with { ReadOnly = reader.GetBoolean() },
                    "noExec" => mount with { NoExec = reader.GetBoolean() },
                    "noDevices" => mount with { NoDevices = reader.GetBoolean() },
                    "noSetUid" => mount with { NoSetUid = reader.GetBoolean() },
                    _ => throw new FormatException("a mount that this orca does not know"), // dropping a part of it could open what was closed
                };
            }

            mounts.Add(mount.Source.Length > 0 && mount.Destination.Length > 0 ? mount : throw new FormatException("a mount without a source or destination"));
        }

        return mounts;
    }

    internal static List<string> ReadTexts(ref Utf8JsonReader reader)
    {
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(ReadText(ref reader));
        }

        return texts;
    }

    internal static string ReadText(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString()!;
        }

        reader.Read(); // base64
        reader.Read();
        var text = NativeText.Decode(reader.GetBytesFromBase64());
        reader.Read();
        return text;
    }
}
