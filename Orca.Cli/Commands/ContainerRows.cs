using System.Globalization;
using System.Text.Json;
using Orca.Cli.Output;
using Orca.Core.Containers;

namespace Orca.Cli.Commands;

/// <summary>The rows of <c>orca ps</c> with docker's and podman's names of the fields, for templates. A container's id is its name.</summary>
internal static class ContainerRows
{
    /// <summary>Docker's headings.</summary>
    public static readonly Dictionary<string, string> Headings = new(StringComparer.OrdinalIgnoreCase) { ["ID"] = "CONTAINER ID", ["RunningFor"] = "CREATED", ["CreatedHuman"] = "CREATED" };

    /// <summary>Writes the rows.</summary>
    /// <param name="writer">Takes them.</param>
    /// <param name="containers">The containers.</param>
    /// <param name="now">The time.</param>
    /// <param name="whole">True: commands are not shortened.</param>
    /// <param name="store">Knows the first process of each, which is what docker and podman call its Pid.</param>
    public static void Write(
        Utf8JsonWriter writer, IEnumerable<ContainerSummary> containers, DateTimeOffset now, bool whole, IContainerStore store)
    {
        writer.WriteStartArray();
        foreach (var container in containers)
        {
            Write(writer, container, now, whole, store);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ContainerSummary container, DateTimeOffset now, bool whole, IContainerStore store)
    {
        var record = container.Record;
        var created = record.Created.ToUniversalTime();
        writer.WriteStartObject();
        writer.WriteString("ID", record.Name);
        writer.WriteString("Names", record.Name);
        writer.WriteString("Image", record.Image.Familiar);
        writer.WriteString("ImageID", record.ImageDigest.ToString());
        writer.WriteString("Command", ContainerState.Command(record, whole));
        writer.WriteString("CreatedAt", created.ToString("yyyy-MM-dd HH:mm:ss zz'00' 'UTC'", CultureInfo.InvariantCulture));
        writer.WriteNumber("Created", created.ToUnixTimeSeconds());
        writer.WriteString("CreatedHuman", Amount.Ago(now - created));
        writer.WriteString("RunningFor", Amount.Ago(now - created));
        writer.WriteString("Status", ContainerState.Status(container, now));
        writer.WriteString("State", ContainerState.Word(container));
        writer.WriteBoolean("Exited", !container.IsHeld && container.Times is not null);
        writer.WriteNumber("ExitCode", ContainerState.ExitCode(container));
        writer.WriteNumber("Pid", container.IsHeld ? store.FindRunning(record.Name)?.Process.Id ?? 0 : 0);
        writer.WriteString("Ports", string.Empty);
        writer.WriteString("Labels", string.Join(',', record.Options.Labels));
        writer.WriteString("Mounts", string.Join(',', record.Options.Files.Mounts.Select(static mount => mount.Destination)));
        writer.WriteString("Networks", ContainerState.Network(record));
        writer.WriteEndObject();
    }
}
