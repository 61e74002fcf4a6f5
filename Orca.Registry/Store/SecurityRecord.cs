using System.Text.Json;
using Orca.Core.Containers;

namespace Orca.Registry.Store;

/// <summary>The part of a container's record that says how it differs from the default sandbox.</summary>
/// <remarks>A field that this orca does not know makes the record unreadable: leaving it out could open what was closed.</remarks>
internal static class SecurityRecord
{
    internal const string Field = "security";

    internal static void Write(Utf8JsonWriter writer, SecurityOptions options)
    {
        if (options is { AddCapabilities.Count: 0, DropCapabilities.Count: 0, Privileged: null, Seccomp: null, ShowSystemPaths: null, NoNewPrivileges: null, UserNamespace: null })
        {
            return;
        }

        writer.WriteStartObject(Field);
        ContainerRecordWriter.Write(writer, "capAdd"u8, options.AddCapabilities);
        ContainerRecordWriter.Write(writer, "capDrop"u8, options.DropCapabilities);
        ContainerRecordWriter.Write(writer, "privileged"u8, options.Privileged);
        ContainerRecordWriter.Write(writer, "seccomp"u8, options.Seccomp);
        ContainerRecordWriter.Write(writer, "seccompPolicy"u8, options.SeccompPolicy);
        ContainerRecordWriter.Write(writer, "showSystemPaths"u8, options.ShowSystemPaths);
        ContainerRecordWriter.Write(writer, "noNewPrivileges"u8, options.NoNewPrivileges);
        ContainerRecordWriter.Write(writer, "userns"u8, options.UserNamespace?.Word());
        writer.WriteEndObject();
    }

    internal static SecurityOptions Read(ref Utf8JsonReader reader)
    {
        var options = new SecurityOptions();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            options = field switch
            {
                "capAdd" => options with { AddCapabilities = ContainerRecordReader.ReadTexts(ref reader) },
                "capDrop" => options with { DropCapabilities = ContainerRecordReader.ReadTexts(ref reader) },
                "privileged" => options with { Privileged = reader.GetBoolean() },
                "seccomp" => options with { Seccomp = ContainerRecordReader.ReadText(ref reader) },
                "seccompPolicy" => options with { SeccompPolicy = ContainerRecordReader.ReadText(ref reader) },
                "showSystemPaths" => options with { ShowSystemPaths = reader.GetBoolean() },
                "noNewPrivileges" => options with { NoNewPrivileges = reader.GetBoolean() },
                "userns" => options with { UserNamespace = UserNamespaceWords.Find(reader.GetString()!) ?? throw new FormatException("a mode that this orca does not know") },
                _ => throw new FormatException("a restriction that this orca does not know"),
            };
        }

        return options;
    }
}
