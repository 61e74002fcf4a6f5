using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Cli.Parsing;

/// <summary>Parses the values of <c>--volume</c> into bind mounts.</summary>
/// <param name="currentDirectory">The base of relative paths; null when it was deleted.</param>
/// <param name="home">What '~' means; null when HOME is not set.</param>
internal sealed class VolumeReader(string? currentDirectory, string? home)
{
    /// <summary>True once a mount asked for a SELinux label, which orca has no use for.</summary>
    public bool LabelAsked { get; set; }

    /// <summary>Reads one <c>SOURCE:DESTINATION[:OPTIONS]</c>.</summary>
    /// <exception cref="ReferenceException">The text is not of that form, or asks for what orca does not do.</exception>
    public BindMount Read(string text)
    {
        var parts = text.Split(':');
        if (parts.Length is not (2 or 3) || parts[0].Length == 0)
        {
            throw WithColon(text) ?? Wrong(text, parts.Length == 1 ? "there is no ':' between the path here and the path inside" : "it is not SOURCE:DESTINATION[:OPTIONS]");
        }

        if (!parts[1].StartsWith('/') && WithColon(text) is { } divided)
        {
            throw divided;
        }

        var isName = !parts[0].Contains('/', StringComparison.Ordinal) && parts[0] is not ("." or ".." or "~");
        var mount = isName
            ? new BindMount(string.Empty, MountPath.Check(text, parts[1]), ReadOnly: false) { Volume = parts[0] }
            : new BindMount(Absolute(text, parts[0]), MountPath.Check(text, parts[1]), ReadOnly: false);
        var words = parts.Length == 3 ? parts[2].Split(',') : [];
        foreach (var word in words)
        {
            if (isName && word is "nocopy" or "U")
            {
                continue; // files belong to the container's user as it is, and the image's are copied once
            }

            if (word == "bind")
            {
                MountWords.RequireNothingBelow(text, word, mount.Source);
                continue;
            }

            mount = MountWords.Apply(mount, text, word) ?? throw WithColon(text) ?? Wrong(text, $"'{Quoted.Text(word)}' is none of ro, rw, z, Z, noexec, nodev, nosuid");
            LabelAsked |= word is "z" or "Z";
        }

        return Array.IndexOf(words, "ro") < 0 || Array.IndexOf(words, "rw") < 0 ? mount : throw Wrong(text, "it is both 'ro' and 'rw'");
    }

    /// <summary>Returns the absolute path of a source.</summary>
    /// <param name="text">What was typed, for the error.</param>
    /// <param name="source">The source of it.</param>
    public string Absolute(string text, string source)
    {
        if (source.StartsWith('/'))
        {
            return source;
        }

        if (source == "~" || source.StartsWith("~/", StringComparison.Ordinal))
        {
            return home is { Length: > 0 } ? home + source[1..] : throw Wrong(text, "HOME is not set, so '~' means nothing");
        }

        var relative = source == "." ? string.Empty : source.StartsWith("./", StringComparison.Ordinal) ? source[2..] : source;
        var current = currentDirectory ?? throw new ReferenceException($"cannot mount '{Quoted.Text(text)}': {WorkingDirectory.Cause}", WorkingDirectory.Hint);
        return relative.Length == 0 ? current : $"{current.TrimEnd('/')}/{relative}";
    }

    /// <summary>Returns the error about a path here that contains a ':', which <c>-v</c> cannot express; null when there is no such path.</summary>
    private ReferenceException? WithColon(string text)
    {
        for (var colon = text.LastIndexOf(':'); colon > 0; colon = text.LastIndexOf(':', colon - 1))
        {
            var source = text[..colon];
            var inside = text[(colon + 1)..];
            if (inside.StartsWith('/') && source.Contains(':', StringComparison.Ordinal) && Exists(source))
            {
                var (target, readOnly) = inside.EndsWith(":ro", StringComparison.Ordinal) ? (inside[..^3], ",readonly") : (inside.Split(':')[0], string.Empty);
                source = source.Contains('/', StringComparison.Ordinal) ? source : "./" + source;
                var field = source.AsSpan().IndexOfAny(',', '"') < 0 ? $"source={source}" : $"\"source={source.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
                var option = ShellWords.Join("--mount", $"type=bind,{field},target={target}{readOnly}");
                return new ReferenceException(
                    $"cannot mount '{Quoted.Text(text)}': the path here, '{Quoted.Text(source)}', has a ':' of its own, at which '-v' divides",
                    option is null ? "give it with --mount type=bind,source=...,target=..." : $"write instead: {option}");
            }
        }

        return null;
    }

    private bool Exists(string source)
    {
        var path = source.StartsWith("~/", StringComparison.Ordinal) ? home + source[1..] : source.StartsWith('/') ? source : $"{currentDirectory}/{source}";
        return FileSystem.TryStatus(null, PathZ.From(NativeText.Encode(path)), out _) == Errno.None;
    }

    private static ReferenceException Wrong(string text, string problem) =>
        new($"cannot mount '{Quoted.Text(text)}': {problem}", "for example '-v ./src:/src:ro'");
}
