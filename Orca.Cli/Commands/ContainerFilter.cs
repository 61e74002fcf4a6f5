using System.Globalization;
using Orca.Cli.Output;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary>Which containers <c>orca ps</c> lists: for each name of a filter one of its values has to fit, and every label, as in docker.</summary>
internal static class ContainerFilter
{
    private const string Names = "name, id, status, ancestor, exited, label, before, since, volume, network";

    /// <summary>Whether a filter is about containers that do not run, so that they are listed too.</summary>
    public static bool AsksForEnded(List<string> filters) => filters.Exists(static filter => filter.StartsWith("status=", StringComparison.Ordinal) || filter.StartsWith("exited=", StringComparison.Ordinal));

    /// <summary>Returns the containers that all filters let through.</summary>
    /// <exception cref="OrcaException">A filter is unknown, or names a container that is not there.</exception>
    public static List<ContainerSummary> Apply(CommandContext context, List<ContainerSummary> containers, List<string> filters)
    {
        foreach (var group in filters.GroupBy(static filter => filter.Split('=')[0]))
        {
            List<Predicate<ContainerSummary>> tests = [.. group.Select(filter => Test(context, filter))];
            containers = containers.FindAll(container => group.Key == "label" ? tests.TrueForAll(test => test(container)) : tests.Exists(test => test(container)));
        }

        return containers;
    }

    /// <summary>Sorts as podman does.</summary>
    /// <exception cref="ReferenceException">There is no such order.</exception>
    public static List<ContainerSummary> Sorted(List<ContainerSummary> containers, string order) => order switch
    {
        "created" or "runningfor" => [.. containers.OrderBy(static container => container.Record.Created)],
        "id" or "names" => [.. containers.OrderBy(static container => container.Record.Name, StringComparer.Ordinal)],
        "image" => [.. containers.OrderBy(static container => container.Record.Image.Familiar, StringComparer.Ordinal)],
        "status" => [.. containers.OrderBy(ContainerState.Word, StringComparer.Ordinal)],
        "command" => [.. containers.OrderBy(static container => string.Join(' ', container.Record.Options.Process.Command), StringComparer.Ordinal)],
        _ => throw new ReferenceException($"cannot use option '--sort': '{Quoted.Text(order)}' is none of command, created, id, image, names, runningfor, status"),
    };

    private static Predicate<ContainerSummary> Test(CommandContext context, string filter)
    {
        var equals = filter.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (filter, string.Empty) : (filter[..equals], filter[(equals + 1)..]);
        switch (name)
        {
            case "name":
                return container => IsName(value, container.Record.Name);
            case "id":
                return container => container.Record.Name.StartsWith(value, StringComparison.Ordinal);
            case "status":
                return value is "created" or "running" or "exited" or "stopped" ? container => ContainerState.Word(container) == (value == "stopped" ? "exited" : value)
                    : value is "paused" or "restarting" or "removing" or "dead" ? static _ => false : throw Wrong(filter, $"'{Quoted.Text(value)}' is none of created, running, exited");
            case "exited":
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var status)
                    ? container => !container.IsHeld && container.Times is not null && ContainerState.ExitCode(container) == status : throw Wrong(filter, $"'{Quoted.Text(value)}' is not an exit status");
            case "label":
                return container => container.Record.Options.Labels.Any(label => label == value || (label.Length > value.Length && label[value.Length] == '=' && label.StartsWith(value, StringComparison.Ordinal)));
            case "ancestor":
                return Ancestor(value);
            case "before" or "since":
                var other = context.Get<IContainerStore>().Find(value) ?? throw new StoreException($"cannot filter by container '{Quoted.Text(value)}': there is no such container", "'orca ps -a' lists what is there");
                return container => name == "before" ? container.Record.Created < other.Created : container.Record.Created > other.Created;
            case "volume":
                return container => container.Record.Options.Files.Mounts.Any(mount => mount.Destination == value || mount.Source == value);
            case "network":
                return container => ContainerState.Network(container.Record) == value;
            default:
                throw Wrong(filter, $"it is none of {Names}");
        }
    }

    /// <summary>The error of a filter, of containers or of images.</summary>
    internal static ReferenceException Wrong(string filter, string cause) => new($"cannot use filter '{Quoted.Text(filter)}': {cause}");

    /// <summary>A part of the name; <c>^</c> and <c>$</c> mean its ends, as people write them for docker.</summary>
    private static bool IsName(string pattern, string name)
    {
        var starts = pattern.StartsWith('^');
        var ends = pattern.EndsWith('$');
        var text = pattern[(starts ? 1 : 0)..^(ends ? 1 : 0)].TrimStart('/');
        return (starts, ends) switch
        {
            (true, true) => name == text,
            (true, false) => name.StartsWith(text, StringComparison.Ordinal),
            (false, true) => name.EndsWith(text, StringComparison.Ordinal),
            _ => name.Contains(text, StringComparison.Ordinal),
        };
    }

    private static Predicate<ContainerSummary> Ancestor(string value) => container =>
        (DigestPrefix.TryParse(value, out var prefix) && prefix.Matches(container.Record.ImageDigest))
        || (ImageReference.TryParse(value, out var reference) && (reference == container.Record.Image || (container.Record.Image is var image
            && image.Tag == reference.Tag && reference.ShortPath is not null && (image.Repository == reference.ShortPath || image.Repository == reference.Repository || image.Repository.EndsWith("/" + reference.ShortPath, StringComparison.Ordinal)))));
}
