using System.Globalization;
using System.Text.Json;
using Orca.Core.Containers;
using Orca.Core.Images;

namespace Orca.Cli.Output;

/// <summary>What is known of a container or an image, with the names that docker gives the fields. What orca does not have is left out, or says what it is here.</summary>
internal static class InspectDocument
{
    private const string Never = "0001-01-01T00:00:00Z";

    /// <summary>Writes a container.</summary>
    public static void Write(Utf8JsonWriter writer, ContainerSummary container, StoredImage? image, IContainerStore store)
    {
        var (record, options, config) = (container.Record, container.Record.Options, image?.Config);
        var process = options.Process;
        var entrypoint = process.Entrypoint ?? config?.Entrypoint ?? [];
        var command = process.Command.Count > 0 ? process.Command : process.Entrypoint is null ? config?.Cmd ?? [] : [];
        string[] all = [.. entrypoint, .. command];
        writer.WriteStartObject();
        writer.WriteString("Id", record.Name);
        writer.WriteString("Created", record.Created);
        writer.WriteString("Path", all.FirstOrDefault(string.Empty));
        JsonOutput.WriteStrings(writer, "Args", all.Skip(1));
        WriteState(writer, container, store);
        writer.WriteString("Image", record.ImageDigest.ToString());
        writer.WriteString("ImageName", record.Image.Familiar);
        writer.WriteString("Name", "/" + record.Name);
        writer.WriteNumber("RestartCount", 0);
        writer.WriteString("Driver", "overlay");
        writer.WriteString("Platform", config?.Platform.Os ?? "linux");
        WriteMounts(writer, options);
        writer.WriteStartObject("Config");
        writer.WriteString("Hostname", options.Network.Hostname ?? record.Name);
        writer.WriteString("User", process.User ?? config?.User ?? string.Empty);
        writer.WriteBoolean("Tty", process.Terminal == true);
        writer.WriteBoolean("OpenStdin", process.Interactive == true);
        JsonOutput.WriteStrings(writer, "Env", [.. config?.Env ?? [], .. process.Env]);
        JsonOutput.WriteStrings(writer, "Cmd", command);
        writer.WriteString("Image", record.Image.Familiar);
        writer.WriteString("WorkingDir", process.WorkingDirectory ?? config?.WorkingDir ?? string.Empty);
        JsonOutput.WriteStrings(writer, "Entrypoint", entrypoint);
        writer.WriteString("StopSignal", process.StopSignal?.ToString() ?? config?.StopSignal ?? "SIGTERM");
        writer.WriteStartObject("Labels");
        foreach (var label in options.Labels)
        {
            var equals = label.IndexOf('=', StringComparison.Ordinal);
            writer.WriteString(label[..equals], label[(equals + 1)..]);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("HostConfig");
        JsonOutput.WriteStrings(writer, "Binds", options.Files.Mounts.Select(static mount => $"{mount.Source}:{mount.Destination}{(mount.ReadOnly ? ":ro" : string.Empty)}"));
        writer.WriteString("NetworkMode", ContainerState.Network(record));
        writer.WriteString("PidMode", options.Network.Pid == NamespaceMode.Host ? "host" : string.Empty);
        writer.WriteBoolean("AutoRemove", !container.Kept);
        writer.WriteBoolean("ReadonlyRootfs", options.Files.ReadOnly == true);
        writer.WriteNumber("Memory", options.Limits.Group.Memory ?? 0);
        writer.WriteNumber("NanoCpus", options.Limits.Group.NanoCpus ?? 0);
        writer.WriteNumber("PidsLimit", options.Limits.Group.Processes ?? 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Writes an image.</summary>
    public static void Write(Utf8JsonWriter writer, StoredImage image)
    {
        var config = image.Config;
        writer.WriteStartObject();
        writer.WriteString("Id", image.Digest.ToString());
        writer.WriteString("Digest", image.Digest.ToString());
        JsonOutput.WriteStrings(writer, "RepoTags", image.References.Select(static reference => reference.Familiar));
        JsonOutput.WriteStrings(writer, "RepoDigests", image.References.Select(reference => reference.WithDigest(image.Digest).Familiar));
        writer.WriteString("Created", config.Created ?? Never);
        writer.WriteString("Architecture", config.Platform.Architecture);
        writer.WriteString("Os", config.Platform.Os);
        writer.WriteNumber("Size", image.Size);
        writer.WriteStartObject("Config");
        writer.WriteString("User", config.User ?? string.Empty);
        JsonOutput.WriteStrings(writer, "Env", config.Env);
        JsonOutput.WriteStrings(writer, "Cmd", config.Cmd ?? []);
        JsonOutput.WriteStrings(writer, "Entrypoint", config.Entrypoint ?? []);
        writer.WriteString("WorkingDir", config.WorkingDir ?? string.Empty);
        if (config.StopSignal is { } signal)
        {
            writer.WriteString("StopSignal", signal);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("RootFS");
        writer.WriteString("Type", "layers");
        JsonOutput.WriteStrings(writer, "Layers", config.DiffIds.Select(static layer => layer.ToString()));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter writer, ContainerSummary container, IContainerStore store)
    {
        var instance = container.IsHeld ? store.FindRunning(container.Record.Name) : null;
        writer.WriteStartObject("State");
        writer.WriteString("Status", ContainerState.Word(container));
        writer.WriteBoolean("Running", container.IsHeld);
        writer.WriteBoolean("Paused", false);
        writer.WriteBoolean("Restarting", false);
        writer.WriteBoolean("Dead", false);
        writer.WriteNumber("Pid", instance?.Process.Id ?? 0);
        writer.WriteNumber("ExitCode", ContainerState.ExitCode(container));
        writer.WriteString("StartedAt", Time(container.Times?.Started));
        writer.WriteString("FinishedAt", Time(container.Times?.Ended));
        writer.WriteEndObject();
    }

    private static void WriteMounts(Utf8JsonWriter writer, RunOptions options)
    {
        writer.WriteStartArray("Mounts");
        foreach (var mount in options.Files.Mounts)
        {
            writer.WriteStartObject();
            writer.WriteString("Type", "bind");
            writer.WriteString("Source", mount.Source);
            writer.WriteString("Destination", mount.Destination);
            writer.WriteString("Mode", mount.ReadOnly ? "ro" : string.Empty);
            writer.WriteBoolean("RW", !mount.ReadOnly);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Time(DateTimeOffset? time) =>
        time is null ? Never : time.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
