using System.Globalization;
using System.Text;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Core.Containers;

/// <summary>A process of a container, as the host's /proc describes it.</summary>
/// <param name="Id">As the host counts.</param>
/// <param name="Inner">As the container counts.</param>
/// <param name="InnerParent">Its parent, as the container counts; 0 for the first process.</param>
/// <param name="User">Its user, as the host counts.</param>
/// <param name="Used">Processor time.</param>
/// <param name="Command">The command line, or the program's name in brackets where there is none. The process's own words: hostile.</param>
public sealed record ContainerProcess(int Id, int Inner, int InnerParent, long User, TimeSpan Used, string Command)
{
    private const int MaxFile = 1 << 16;
    private const int MaxProcesses = 1 << 16;
    private const int TicksPerSecond = 100; // USER_HZ, which is fixed for programs

    /// <summary>The first process of a container and all below it, by number.</summary>
    /// <remarks>Orphans become children of the container's init, so that all of it is one tree. One that ends meanwhile is left out.</remarks>
    public static IReadOnlyList<ContainerProcess> All(int first)
    {
        var found = new List<ContainerProcess>();
        var waiting = new Queue<(int Id, int InnerParent)>();
        waiting.Enqueue((first, 0));
        while (waiting.TryDequeue(out var next) && found.Count < MaxProcesses)
        {
            if (Read(next.Id, next.InnerParent) is { } process)
            {
                found.Add(process);
                foreach (var child in Children(next.Id))
                {
                    waiting.Enqueue((child, process.Inner));
                }
            }
        }

        return [.. found.OrderBy(static process => process.Inner)];
    }

    private static ContainerProcess? Read(int id, int innerParent)
    {
        if (TryRead($"/proc/{id}/status") is not { } status || TryRead($"/proc/{id}/stat") is not { } stat)
        {
            return null;
        }

        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var inner = Field(status, "NSpid:").LastOrDefault() is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : id;
        var user = Field(status, "Uid:").FirstOrDefault() is { } owner && long.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : 0;
        var ticks = fields.Length > 12 && long.TryParse(fields[11], NumberStyles.None, CultureInfo.InvariantCulture, out var own)
            && long.TryParse(fields[12], NumberStyles.None, CultureInfo.InvariantCulture, out var system) ? own + system : 0;
        var line = TryRead($"/proc/{id}/cmdline")?.TrimEnd('\0').Replace('\0', ' ') ?? string.Empty;
        var name = stat.IndexOf('(', StringComparison.Ordinal) is >= 0 and var open && stat.LastIndexOf(')') is var close && close > open ? stat[(open + 1)..close] : "?";
        return new ContainerProcess(id, inner, innerParent, user, TimeSpan.FromSeconds((double)ticks / TicksPerSecond), line.Length == 0 ? $"[{name}]" : line);
    }

    private static string[] Field(string status, string name)
    {
        foreach (var line in status.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                return line[name.Length..].Split('\t', StringSplitOptions.RemoveEmptyEntries);
            }
        }

        return [];
    }

    private static IEnumerable<int> Children(int id)
    {
        if (FileSystem.TryOpen(null, PathZ.From(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/task")), O_RDONLY | O_DIRECTORY, out var tasks) != Errno.None)
        {
            yield break;
        }

        using (tasks)
        {
            foreach (var task in DirectoryReader.ReadAll(tasks!))
            {
                foreach (var word in (TryRead($"/proc/{id}/task/{Encoding.ASCII.GetString(task.Name)}/children") ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var child))
                    {
                        yield return child;
                    }
                }
            }
        }
    }

    private static string? TryRead(FormattableString path)
    {
        if (FileSystem.TryOpen(null, PathZ.From(path.ToString(CultureInfo.InvariantCulture)), O_RDONLY, out var file) != Errno.None)
        {
            return null;
        }

        using (file)
        {
            var bytes = new byte[MaxFile];
            var count = 0;
            while (count < bytes.Length && FileSystem.TryRead(file!, bytes.AsSpan(count), out var more) == Errno.None && more > 0)
            {
                count += more;
            }

            return NativeText.Decode(bytes.AsSpan(0, count));
        }
    }
}
