using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Parsing;

/// <summary>Reads what <c>--volume</c> says into bind mounts.</summary>
internal sealed class VolumeReader(string currentDirectory, string? home)
{
    /// <summary>True once a mount asked for a SELinux label, which orca has no use for.</summary>
    public bool LabelAsked { get; private set; }

    /// <summary>Reads one <c>SOURCE:DESTINATION[:OPTIONS]</c>.</summary>
    /// <exception cref="ReferenceException">The text is not of that form, or asks for what orca does not do.</exception>
    public BindMount Read(string text)
    {
        var parts = text.Split(':');
        if (parts.Length is not (2 or 3) || parts[0].Length == 0)
        {
            throw Wrong(text, parts.Length == 1 ? "there is no ':' between the path here and the path inside" : "it is not SOURCE:DESTINATION[:OPTIONS]");
        }

        if (!parts[1].StartsWith('/'))
        {
            throw Wrong(text, $"the path inside, '{Quoted.Text(parts[1])}', does not start with '/'");
        }

        if (parts[1].AsSpan().Trim('/').IsEmpty)
        {
            throw Wrong(text, "the path inside cannot be '/'");
        }

        var readOnly = false;
        foreach (var option in parts.Length == 3 ? parts[2].Split(',') : [])
        {
            readOnly = ReadOption(text, option, readOnly);
        }

        return new BindMount(Absolute(text, parts[0]), parts[1], readOnly);
    }

    private bool ReadOption(string text, string option, bool readOnly)
    {
        switch (option)
        {
            case "ro":
                return true;
            case "rw":
                return false;
            case "z" or "Z":
                LabelAsked = true;
                return readOnly;
            case "private" or "rprivate" or "cached" or "delegated" or "consistent" or "nocopy": // what a bind mount of orca's is, or hints of Docker's for other systems
                return readOnly;
            default:
                throw Wrong(text, $"'{Quoted.Text(option)}' is none of ro, rw, z, Z");
        }
    }

    /// <summary>The path of the host that a source means.</summary>
    /// <exception cref="ReferenceException">It would be a named volume.</exception>
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

        if (!source.Contains('/', StringComparison.Ordinal) && source is not ("." or ".."))
        {
            throw new ReferenceException(
                $"cannot mount '{Quoted.Text(text)}': '{Quoted.Text(source)}' would be a named volume, which orca does not have",
                $"for the directory of that name here, write './{Quoted.Text(source)}'");
        }

        var relative = source == "." ? string.Empty : source.StartsWith("./", StringComparison.Ordinal) ? source[2..] : source;
        return relative.Length == 0 ? currentDirectory : $"{currentDirectory.TrimEnd('/')}/{relative}";
    }

    private static ReferenceException Wrong(string text, string problem) =>
        new($"cannot mount '{Quoted.Text(text)}': {problem}", "for example '-v ./src:/src:ro'");

    /// <summary>Fails early, before anything is pulled, when a source is not there.</summary>
    /// <exception cref="ReferenceException">The kernel cannot find the path.</exception>
    public static void RequireSource(BindMount mount)
    {
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(mount.Source)), PathOnly, out var fd);
        using (fd)
        {
            if (error != Errno.None)
            {
                throw new ReferenceException(
                    $"cannot mount '{Quoted.Text(mount.Source)}': {error.Describe()}",
                    error == Errno.ENOENT ? $"make it first: mkdir -p '{Quoted.Text(mount.Source)}'" : null);
            }
        }
    }

    private const int PathOnly = 0x200000; // O_PATH
}
