using System.Globalization;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.SubIds;

/// <summary>Has the maps of a new user namespace written by the two programs that may (newuidmap(1), newgidmap(1)).</summary>
internal static class IdMapWriter
{
    /// <summary>Writes both maps of a process's namespace; null when that is done, else what the program said.</summary>
    internal static string? Write(int process, MapRanges step) => Write("newuidmap", process, step.Uid, step.Ids.Users) ?? Write("newgidmap", process, step.Gid, step.Ids.Groups);

    private static string? Write(string program, int process, uint self, IReadOnlyList<IdRange> ranges)
    {
        List<string> arguments = [Text(process), "0", Text(self), "1"];
        ulong inside = 1;
        foreach (var range in ranges)
        {
            arguments.AddRange([Text(inside), Text(range.First), Text(range.Count)]);
            inside += range.Count;
        }

        if (HostProgram.Find(program) is not { } path)
        {
            return $"{program}: it is not installed";
        }

        var (status, output) = HostProgram.Run(path, arguments);
        return status == 0 ? null
            : output.Length == 0 ? $"{program} failed"
            : output.Contains(program, StringComparison.Ordinal) ? output.Split('\n')[0] : $"{program}: {output.Split('\n')[0]}";
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
