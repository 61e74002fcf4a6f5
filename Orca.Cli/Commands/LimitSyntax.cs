using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands;

/// <summary>The options of <c>orca run</c> about limits.</summary>
internal static class LimitSyntax
{
    public static readonly Option SharedMemory = new(null, "shm-size", "SIZE", "The most that /dev/shm may hold (default: 64m)");
    public static readonly Option Ulimit = new(null, "ulimit", "NAME=SOFT[:HARD]", "Limit a resource of the command, such as 'nofile=1024:4096'");

    public static readonly Option[] Options = [SharedMemory, Ulimit];

    /// <summary>Reads them into the options of the run.</summary>
    /// <exception cref="ReferenceException">One cannot be understood.</exception>
    public static RunOptions Read(ParsedArguments arguments, RunOptions options) => !arguments.Any(Options) ? options : options with
    {
        SharedMemory = arguments.Last(SharedMemory) is { } size ? Size("--shm-size", size) : null,
        ResourceLimits = Limits(arguments.All(Ulimit)),
    };

    private static long Size(string option, string text) => ByteSize.TryParse(text, out var bytes)
        ? bytes
        : throw new ReferenceException($"cannot use option '{option}': '{Quoted.Text(text)}' is no size such as 64m");

    /// <summary>Of a resource that is named twice the last limit counts.</summary>
    private static List<ResourceLimit> Limits(List<string> texts)
    {
        var limits = new List<ResourceLimit>(texts.Count);
        foreach (var text in texts)
        {
            var limit = ResourceLimit.Parse(text);
            limits.RemoveAll(other => other.Resource == limit.Resource);
            limits.Add(limit);
        }

        return limits;
    }
}
