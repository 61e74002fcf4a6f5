using System.Globalization;
using Orca.Core.Linux;

namespace Orca.Cli.Parsing;

/// <summary>What is mounted on this machine (proc_pid_mountinfo(5)).</summary>
internal static class HostMounts
{
    private const int MaxSize = 64 << 20;

    /// <summary>A mount below a directory; null when there is none.</summary>
    public static string? Below(string directory)
    {
        if (FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(directory)), Tmds.Linux.LibC.O_PATH, out var fd) != Errno.None)
        {
            return null; // what is missing is told elsewhere
        }

        using (fd)
        {
            var path = NativeText.Decode(FileSystem.ReadLink(PathZ.From($"/proc/self/fd/{fd!.Number.ToString(CultureInfo.InvariantCulture)}")));
            using var file = FileSystem.Open(null, PathZ.From("/proc/self/mountinfo"), Tmds.Linux.LibC.O_RDONLY);
            return Find(NativeText.Decode(FileSystem.ReadAll(file, MaxSize)), path);
        }
    }

    /// <summary>The first mount of the table below a path.</summary>
    internal static string? Find(string table, string path)
    {
        var prefix = path.TrimEnd('/') + "/";
        foreach (var line in table.Split('\n'))
        {
            var fields = line.Split(' ');
            if (fields.Length > 4 && Unescape(fields[4]) is var point && point.StartsWith(prefix, StringComparison.Ordinal) && point.Length > prefix.Length)
            {
                return point;
            }
        }

        return null;
    }

    /// <summary>Blank, tab, newline and backslash are written as three octal digits.</summary>
    private static string Unescape(string text) => text
        .Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal).Replace("\\012", "\n", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);
}
