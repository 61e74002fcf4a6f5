using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Cli.Commands.Run;

/// <summary>The options about what people note of a container.</summary>
internal static class LabelSyntax
{
    private const int FileLimit = 1 << 20;

    public static readonly Option Label = new('l', "label", "NAME[=VALUE]", "Note this of the container, for 'orca ps --filter label=NAME' and 'orca inspect'");
    public static readonly Option LabelFile = new(null, "label-file", "FILE", "Note what is in a file, one NAME=VALUE a line");

    /// <summary>Returns the labels, <c>NAME=VALUE</c>; of one that is given twice the last.</summary>
    /// <exception cref="ReferenceException">One has no name, or a file cannot be read.</exception>
    public static IReadOnlyList<string> Read(ParsedArguments arguments, CommandContext context)
    {
        if (!arguments.Any([Label, LabelFile]))
        {
            return [];
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in arguments.All(LabelFile))
        {
            var (content, cause) = context.Files.Read(path, FileLimit);
            if (cause is not null)
            {
                var (why, hint) = WorkingDirectory.Explain(path, cause, hint: "correct the path after '--label-file', or leave the option out");
                throw new ReferenceException($"cannot read '{Quoted.Text(path)}': {why}", hint);
            }

            foreach (var line in NativeText.Decode(content).Split('\n'))
            {
                if (line.AsSpan().Trim() is { IsEmpty: false } text && text[0] != '#')
                {
                    Add(labels, text.ToString());
                }
            }
        }

        foreach (var text in arguments.All(Label))
        {
            Add(labels, text);
        }

        return [.. labels.Select(static label => $"{label.Key}={label.Value}")];
    }

    private static void Add(Dictionary<string, string> labels, string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        labels[name.Length > 0 ? name : throw new ReferenceException($"cannot use label '{Quoted.Text(text)}': it has no name", "write NAME=VALUE")] = equals < 0 ? string.Empty : text[(equals + 1)..];
    }
}
