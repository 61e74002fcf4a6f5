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
        var fields = new MountFields(text);
        foreach (var field in CommaFields.Split(text) ?? throw Wrong(text, "a quote is not closed"))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            fields.Set(equals < 0 ? field : field[..equals], equals < 0 ? null : field[(equals + 1)..]);
        }

        switch (fields.Type)
        {
            case "bind":
                binds.Add(Bind(text, fields));
                break;
            case "tmpfs":
                temporary.Add(Temporary(text, fields));
                break;
            case null or "volume":
                binds.Add(Volume(text, fields));
                break;
            case "image":
                throw MountPath.Wrong(
                    text, "an image cannot be mounted into another one's container",
                    "unpack it, and mount that directory: orca run --name NAME IMAGE true && mkdir -p DIR && orca export NAME | tar x -C DIR");
            case "glob":
                throw MountPath.Wrong(text, "patterns are not looked for", "mount each file, or the directory that they are in: --mount type=bind,source=./DIR,target=/DIR");
            case "ramfs":
                throw MountPath.Wrong(text, "the kernel lets only root mount a ramfs", "take 'type=tmpfs', which may have a limit and may be swapped");
            case "devpts":
                throw MountPath.Wrong(text, "the container has terminals of its own on /dev/pts", "leave it out");
            default:
                throw Wrong(text, $"type '{Quoted.Text(fields.Type)}' is neither bind nor tmpfs");
        }

        return fields.Target!;
    }

    private BindMount Bind(string text, MountFields fields)
    {
        fields.Refuse("tmpfs-", "volume-", "image-");
        var source = paths.Absolute(text, fields.Source is { Length: > 0 } given ? given : throw Wrong(text, "there is no source"));
        var mount = new BindMount(source, TargetOf(text, fields), fields.ReadOnly);
        foreach (var word in fields.Words)
        {
            mount = MountWords.Apply(mount, text, word) ?? throw Wrong(text, $"'{Quoted.Text(word)}' is not known");
            paths.LabelAsked |= word is "z" or "Z";
        }

        if (fields.CreatesSource)
        {
            MountSource.Require(source); // what is missing is not made: the error says how
        }

        if (fields.Recursion == "readonly" && !mount.ReadOnly)
        {
            throw Wrong(text, "'bind-recursive=readonly' needs 'readonly'");
        }

        if (fields.Recursion is "disabled" or "writable" or "bind-nonrecursive")
        {
            MountWords.RequireNothingBelow(text, fields.Recursion[0] == 'b' ? fields.Recursion : $"bind-recursive={fields.Recursion}", source);
        }

        return mount;
    }

    private static BindMount Volume(string text, MountFields fields)
    {
        fields.Refuse("tmpfs-", "bind-", "image-");
        if (fields.Source is not { Length: > 0 } name || name.Contains('/', StringComparison.Ordinal))
        {
            throw MountPath.Wrong(text, "a volume's source is its name", "for a directory of this machine: --mount type=bind,source=./DIR,target=/DIR");
        }

        return new BindMount(string.Empty, TargetOf(text, fields), fields.ReadOnly) { Volume = name };
    }

    private static TemporaryMount Temporary(string text, MountFields fields)
    {
        fields.Refuse("bind-", "volume-", "image-");
        if (fields.Source is not null)
        {
            throw Wrong(text, "a tmpfs has no source");
        }

        var mount = new TemporaryMount(TargetOf(text, fields)) { ReadOnly = fields.ReadOnly };
        foreach (var word in fields.Words)
        {
            mount = mount.With(text, word);
        }

        mount = fields.Size is { } size ? mount.With(text, "size=" + size) : mount;
        return fields.Mode is { } mode ? mount with { Mode = TemporaryMount.ParseMode(text, mode) } : mount;
    }

    private static string TargetOf(string text, MountFields fields) => MountPath.Check(text, fields.Target ?? throw Wrong(text, "there is no target"));

    /// <summary>The error about one text.</summary>
    internal static ReferenceException Wrong(string text, string problem) => MountPath.Wrong(text, problem, Example);
}
