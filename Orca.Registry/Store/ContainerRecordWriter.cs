using System.Buffers;
using System.Text.Json;
using Orca.Core.Containers;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Writes what a container remembers as JSON.</summary>
/// <remarks>Text that stands for bytes which are not UTF-8 (<see cref="NativeText"/>) is no JSON string; it is written as <c>{"base64": "..."}</c>.</remarks>
internal static class ContainerRecordWriter
{
    internal static ReadOnlySpan<byte> Write(ContainerRecord record, bool isKept)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version"u8, 1);
            writer.WriteBoolean("kept"u8, isKept);
            writer.WriteString("name"u8, record.Name);
            writer.WriteString("image"u8, record.Image.ToString());
            writer.WriteString("imageDigest"u8, record.ImageDigest.ToString());
            writer.WriteString("created"u8, record.Created);
            writer.WriteStartObject("options"u8);
            Write(writer, record.Options);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }

    private static void WriteTrue(Utf8JsonWriter writer, ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            writer.WriteBoolean(name, value);
        }
    }

    private static void Write(Utf8JsonWriter writer, RunOptions options)
    {
        Write(writer, "entrypoint"u8, options.Entrypoint);
        Write(writer, "command"u8, options.Command);
        Write(writer, "env"u8, options.Env);
        if (options.Mounts.Count > 0)
        {
            writer.WriteStartArray("mounts"u8);
            foreach (var mount in options.Mounts)
            {
                writer.WriteStartObject();
                Write(writer, "source"u8, mount.Source);
                Write(writer, "destination"u8, mount.Destination);
                writer.WriteBoolean("readOnly"u8, mount.ReadOnly);
                WriteTrue(writer, "noExec"u8, mount.NoExec);
                WriteTrue(writer, "noDevices"u8, mount.NoDevices);
                WriteTrue(writer, "noSetUid"u8, mount.NoSetUid);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        Write(writer, "workingDirectory"u8, options.WorkingDirectory);
        Write(writer, "user"u8, options.User);
        Write(writer, "hostname"u8, options.Hostname);
        WriteIsolation(writer, options);
        SecurityRecord.Write(writer, options.Security);
        Write(writer, "terminal"u8, options.Terminal);
        Write(writer, "interactive"u8, options.Interactive);
    }

    /// <summary>What was not asked for is not written.</summary>
    private static void WriteIsolation(Utf8JsonWriter writer, RunOptions options)
    {
        Write(writer, "readOnly"u8, options.ReadOnly);
        WriteSome(writer, "tmpfs"u8, options.TemporaryMounts);
        Write(writer, "changesInMemory"u8, options.ChangesInMemory);
        Write(writer, "sharedMemory"u8, options.SharedMemory);
        WriteSome(writer, "resourceLimits"u8, options.ResourceLimits);
        Write(writer, "memory"u8, options.Limits.Memory);
        Write(writer, "memoryAndSwap"u8, options.Limits.MemoryAndSwap);
        Write(writer, "nanoCpus"u8, options.Limits.NanoCpus);
        Write(writer, "processes"u8, options.Limits.Processes);
        Write(writer, "network"u8, options.Network?.ToString());
        Write(writer, "ipc"u8, options.Ipc?.ToString());
        Write(writer, "uts"u8, options.Uts?.ToString());
        Write(writer, "pid"u8, options.Pid?.ToString());
        Write(writer, "init"u8, options.Init);
        Write(writer, "stopSignal"u8, options.StopSignal?.Number);
        Write(writer, "timeout"u8, options.Timeout?.Ticks);
        WriteSome(writer, "dns"u8, options.Names.Servers);
        WriteSome(writer, "dnsSearch"u8, options.Names.Search);
        WriteSome(writer, "dnsOptions"u8, options.Names.Resolver);
        WriteSome(writer, "hosts"u8, options.Names.Hosts);
        Write(writer, "timeZone"u8, options.TimeZone);
        Write(writer, "httpProxy"u8, options.HttpProxy);
    }

    private static void WriteSome<T>(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<T> values)
        where T : notnull
    {
        if (values.Count > 0)
        {
            Write(writer, name, [.. values.Select(static value => value.ToString()!)]);
        }
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } known)
        {
            writer.WriteNumber(name, known);
        }
    }

    internal static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, bool? value)
    {
        if (value is { } known)
        {
            writer.WriteBoolean(name, known);
        }
    }

    internal static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WritePropertyName(name);
            WriteText(writer, text);
        }
    }

    internal static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string>? texts)
    {
        if (texts is null)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            WriteText(writer, text);
        }

        writer.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            writer.WriteStringValue(text);
            return;
        }

        var bytes = NativeText.Encode(text);
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            writer.WriteStringValue(bytes);
            return;
        }

        writer.WriteStartObject();
        writer.WriteBase64String("base64"u8, bytes);
        writer.WriteEndObject();
    }
}
