using System.Globalization;
using System.Text;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>The file in a kept container's directory that says when its last run began and how it ended.</summary>
/// <remarks>
/// The process beside the container writes it (Child/journal.c), a line at its start and one at its end. Whether the container runs it does not say: that is its lock's
/// to say. A start without an end, while nobody holds the lock, is a run whose end nobody was left to write down.
/// </remarks>
internal static class ContainerStatus
{
    internal const string FileName = "status";
    private const int MaxLength = 256;

    /// <summary>Begins the file anew, for a run that is to write it.</summary>
    internal static RunJournal Open(Fd root, string name, bool withLog)
    {
        var path = $"{StorePaths.Container(name)}/{FileName}";
        var error = StoreDirectory.TryOpenForWriting(root, path, O_APPEND, out var status);
        if (error != Errno.None)
        {
            throw new StoreException($"cannot run container '{name}': open '{path}' in the store: {error.Describe()}");
        }

        try
        {
            FileSystem.SetLength(status!, 0);
            return new RunJournal(status!, withLog ? FileSystem.Open(root, PathZ.From(StorePaths.Container(name)), O_PATH | O_DIRECTORY | O_NOFOLLOW) : null);
        }
        catch
        {
            status!.Dispose();
            throw;
        }
    }

    /// <summary>The last run of a container; null when none was written down.</summary>
    internal static RunTimes? Read(Fd root, string name) =>
        StoreDirectory.TryRead(root, $"{StorePaths.Container(name)}/{FileName}", MaxLength) is { } bytes ? Parse(Encoding.ASCII.GetString(bytes)) : null;

    /// <summary>Watches a container; takes its directory over.</summary>
    internal static IContainerWatch Watch(Fd directory)
    {
        _ = FileSystem.TryOpen(directory, PathZ.OfTerminated("status\0"u8), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var status);
        return new Watcher(directory, status);
    }

    /// <summary>Reads whole lines; null when there is no start.</summary>
    internal static RunTimes? Parse(string text)
    {
        RunTimes? times = null;
        foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n'))
        {
            switch (line.Split(' '))
            {
                case ["started", var seconds, var nanoseconds] when Time(seconds, nanoseconds) is { } time:
                    times = new RunTimes(time, null, null);
                    break;
                case ["ended", var code, var seconds, var nanoseconds] when times is not null && Time(seconds, nanoseconds) is { } time
                    && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status):
                    times = times with { Ended = time, ExitCode = status };
                    break;
            }
        }

        return times;
    }

    private static DateTimeOffset? Time(string seconds, string nanoseconds) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) && whole < 1L << 37
        && int.TryParse(nanoseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var part) && part < 1_000_000_000
            ? DateTimeOffset.FromUnixTimeSeconds(whole).AddTicks(part / 100) : null;

    /// <summary>Holds the file itself: it can be read when the container is gone.</summary>
    private sealed class Watcher(Fd directory, Fd? status) : IContainerWatch
    {
        public bool IsHeld => ContainerCatalog.IsLocked(directory, ContainerCatalog.LockName);

        public RunTimes? Times
        {
            get
            {
                var buffer = new byte[MaxLength];
                return status is null ? null : Parse(Encoding.ASCII.GetString(buffer, 0, FileSystem.ReadAt(status, buffer, 0)));
            }
        }

        public void Dispose()
        {
            status?.Dispose();
            directory.Dispose();
        }
    }
}
