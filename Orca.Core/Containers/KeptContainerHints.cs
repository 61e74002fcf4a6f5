using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Core.Containers;

/// <summary>What to type to enter or make a kept container. None of it removes anything: a container's changes exist only once.</summary>
public static class KeptContainerHints
{
    private const string Latest = ":latest";

    /// <summary>For a command line whose first word was taken for an image: <c>orca run --name work ls</c>, as toolbox and distrobox are used.</summary>
    /// <param name="known">The container of that name.</param>
    /// <param name="asked">What the first word means as an image; null when it is a path.</param>
    /// <param name="rest">The words after it.</param>
    /// <param name="word">The first word when it is a path.</param>
    public static string Enter(ContainerRecord known, ImageReference? asked, IReadOnlyList<string> rest, string? word = null)
    {
        word ??= IsWord(asked) ? asked!.Familiar[..^Latest.Length] : null;
        var image = known.Image.Familiar;
        return word is not null && ShellWords.Join(["orca", "run", "--name", known.Name, image, word, .. rest]) is { } command
            ? $"another image needs another name; to run '{Quoted.Text(word)}' in this container give its image first: {command}"
            : $"another image needs another name; to enter this container give its own image: {ShellWords.Join(["orca", "run", "--name", known.Name, image, .. rest]) ?? "orca run --name NAME IMAGE COMMAND"}";
    }

    /// <summary>For a name without a container.</summary>
    internal static string Make(string? name) =>
        $"'orca ps -a' lists the containers; an image makes one: {ShellWords.Join("orca", "run", "--name", name ?? "NAME", "IMAGE") ?? "orca run --name NAME IMAGE"}";

    /// <summary>A bare name, as a command is: no registry, no path, no tag.</summary>
    private static bool IsWord(ImageReference? asked) =>
        asked is not null && asked.Familiar.EndsWith(Latest, StringComparison.Ordinal) && !asked.Familiar.Contains('/', StringComparison.Ordinal);
}
