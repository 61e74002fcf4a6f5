using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Cli.Parsing;

/// <summary>Parses the values of <c>--env</c> and <c>--env-file</c> into <c>NAME=value</c> entries.</summary>
internal sealed class EnvironmentReader(HostEnvironment host, NamedFiles files)
{
    private const int FileLimit = 16 << 20;

    /// <summary>Adds the entry of one <c>--env</c>: <c>NAME=value</c>, <c>NAME</c> to copy the host's value where it has one, or <c>BEGINNING*</c> to copy all that begin so.</summary>
    /// <exception cref="ReferenceException">There is no name.</exception>
    public void AddEntry(string entry, List<string> to)
    {
        var equals = entry.IndexOf('=', StringComparison.Ordinal);
        if (entry.Length == 0 || equals == 0)
        {
            throw new ReferenceException($"cannot use variable '{Quoted.Text(entry)}': it has no name", "write NAME=value, or NAME to copy the value from here");
        }

        if (equals > 0)
        {
            to.Add(entry);
        }
        else if (entry.EndsWith('*'))
        {
            AddHost(entry[..^1], to);
        }
        else if (host.Find(entry) is { } value)
        {
            to.Add($"{entry}={value}");
        }
    }

    /// <summary>Adds all variables of the host whose names begin so.</summary>
    public void AddHost(string beginning, List<string> to)
    {
        foreach (var variable in host.Variables)
        {
            var text = NativeText.Decode(variable);
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && text.StartsWith(beginning, StringComparison.Ordinal) && !text.StartsWith("ORCA_", StringComparison.Ordinal))
            {
                to.Add(text);
            }
        }
    }

    /// <summary>Adds the entries of one <c>--env-file</c>.</summary>
    /// <remarks>
    /// Docker's format: one entry a line, white space before it does not count, a line that starts with '#' is a comment, everything after '=' is the value
    /// (quotes too), a name alone copies the host's value. A byte order mark and carriage returns at line ends do not count.
    /// </remarks>
    /// <exception cref="ReferenceException">The file cannot be read, or a line of it has no name, or white space in it, or a NUL.</exception>
    public void AddFile(string path, List<string> to)
    {
        var (content, cause) = files.Read(path, FileLimit);
        if (cause is not null)
        {
            var (why, hint) = WorkingDirectory.Explain(path, cause, hint: "correct the path after '--env-file', or leave the option out");
            throw new ReferenceException($"cannot read environment file '{Quoted.Text(path)}': {why}", hint);
        }

        AddLines(content, path, to);
    }

    internal void AddLines(ReadOnlySpan<byte> content, string path, List<string> to)
    {
        if (content.StartsWith("\uFEFF"u8))
        {
            content = content[3..];
        }

        for (var number = 1; !content.IsEmpty; number++)
        {
            var end = content.IndexOf((byte)'\n');
            var line = end < 0 ? content : content[..end];
            content = end < 0 ? default : content[(end + 1)..];
            line = line.EndsWith("\r"u8) ? line[..^1] : line;
            line = line.TrimStart(" \t\v\f\r"u8);
            if (!line.IsEmpty && line[0] != '#')
            {
                AddLine(line, path, number, to);
            }
        }
    }

    private void AddLine(ReadOnlySpan<byte> line, string path, int number, List<string> to)
    {
        var equals = line.IndexOf((byte)'=');
        var name = equals < 0 ? line : line[..equals];
        var problem = name.IsEmpty ? "there is no name before '='"
            : name.IndexOfAny(" \t\v\f\r"u8) >= 0 ? $"the name '{Quoted.Name(name)}' holds white space"
            : line.Contains((byte)0) ? "it holds a NUL"
            : null;
        if (problem is not null)
        {
            throw new ReferenceException($"cannot use environment file '{Quoted.Text(path)}': line {number}: {problem}", "write one NAME=value a line, without quotes");
        }

        AddEntry(NativeText.Decode(line), to);
    }
}
