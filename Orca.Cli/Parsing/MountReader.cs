using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Cli.Parsing;

/// <summary>Reads what <c>--mount</c> says, in Docker's words: <c>type=bind,source=...,target=...,readonly</c>.</summary>
internal sealed class MountReader(VolumeReader paths)
{
    private const string Example = "for example '--mount type=bind,source=./src,target=/src,readonly' or '--mount type=tmpfs,target=/scratch,tmpfs-size=64m'";

    /// <summary>Adds the mount to the list of its kind.</summary>
    /// <returns>The path inside.</returns>
    /// <exception cref="ReferenceException">The text is not of that form, or asks for what orca does not do.</exception>
    public string Read(string text, List<BindMount> binds, List<TemporaryMount> temporary)
    {
        var fields = new Fields(text);
        foreach (var field in CommaFields.Split(text) ?? throw Wrong(text, "a quote is not closed"))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            fields.Set(equals < 0 ? field : field[..equals], equals < 0 ? null : field[(equals + 1)..]);
        }

        var target = MountPath.Check(text, fields.Target ?? throw Wrong(text, "there is no target"));
        switch (fields.Type)
        {
            case "bind":
                binds.Add(new BindMount(paths.Absolute(text, fields.Source is { Length: > 0 } source ? source : throw Wrong(text, "there is no source")), target, fields.ReadOnly));
                return target;
            case "tmpfs":
                temporary.Add(Temporary(text, fields, target));
                return target;
            case null or "volume":
                throw MountPath.Wrong(text, "it would be a named volume, which orca does not have", "for a directory of this machine: type=bind,source=DIR,target=...");
            default:
                throw Wrong(text, $"type '{Quoted.Text(fields.Type)}' is neither bind nor tmpfs");
        }
    }

    private static TemporaryMount Temporary(string text, Fields fields, string target)
    {
        if (fields.Source is not null)
        {
            throw Wrong(text, "a tmpfs has no source");
        }

        var mount = new TemporaryMount(target) { ReadOnly = fields.ReadOnly };
        mount = fields.Size is { } size ? mount with { Size = TemporaryMount.ParseSize(text, size) } : mount;
        return fields.Mode is { } mode ? mount with { Mode = TemporaryMount.ParseMode(text, mode) } : mount;
    }

    private static ReferenceException Wrong(string text, string problem) => MountPath.Wrong(text, problem, Example);

    /// <summary>The fields of one text.</summary>
    private sealed class Fields(string text)
    {
        public string? Type { get; private set; }

        public string? Source { get; private set; }

        public string? Target { get; private set; }

        public bool ReadOnly { get; private set; }

        public string? Size { get; private set; }

        public string? Mode { get; private set; }

        public void Set(string name, string? value)
        {
            switch (name)
            {
                case "readonly" or "ro":
                    ReadOnly = value switch
                    {
                        null or "" or "true" or "1" => true,
                        "false" or "0" => false,
                        _ => throw Wrong(text, $"'{Quoted.Text(value)}' is neither true nor false"),
                    };
                    return;
                case "bind-propagation" when value is "private" or "rprivate":
                case "bind-recursive" when value is "enabled" or "readonly":
                case "consistency" when value is "consistent" or "cached" or "delegated" or "default": // hints of Docker's for other systems
                    return;
                case "bind-propagation" when value is "shared" or "rshared" or "slave" or "rslave":
                    throw Wrong(text, $"propagation '{value}' cannot be: mounts of this machine and of the container are kept apart");
            }

            _ = (name, value) switch
            {
                (_, null or "") => throw Wrong(text, $"'{Quoted.Text(name)}' has no value"),
                ("type", _) => Type = value,
                ("source" or "src", _) => Source = value,
                ("target" or "destination" or "dst", _) => Target = value,
                ("tmpfs-size", _) => Size = value,
                ("tmpfs-mode", _) => Mode = value,
                _ => throw Wrong(text, $"'{Quoted.Text(name)}={Quoted.Text(value)}' is not known"),
            };
        }
    }
}
