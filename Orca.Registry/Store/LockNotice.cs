using System.Globalization;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Tells who is waited for, and for how long already.</summary>
/// <param name="notice">Hears it; null: nobody does.</param>
/// <param name="time">The clock.</param>
internal sealed class LockNotice(Action<string>? notice, TimeProvider time)
{
    private const int MaxLocks = 64 << 20;
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_then = TimeSpan.FromSeconds(30);

    /// <summary>Says one thing.</summary>
    internal void Say(string line) => notice?.Invoke(line);

    /// <summary>Begins to wait.</summary>
    /// <param name="root">The store's root.</param>
    /// <param name="path">The lock's path below it.</param>
    /// <param name="doing">What the holder is probably doing.</param>
    internal Wait Begin(Fd root, string path, string doing) => new(this, time.GetTimestamp(), root, path, doing);

    /// <summary>The process that holds a lock on a file, as the kernel lists it; null when it does not, as for holders in other process namespaces.</summary>
    internal static int? HolderOf(Fd root, string path)
    {
        if (FileSystem.TryStatus(root, PathZ.From(path), out var status) != Errno.None)
        {
            return null;
        }

        var end = ":" + status.Inode.ToString(CultureInfo.InvariantCulture);
        foreach (var line in HostFileReader.ReadDefault("/proc/locks", MaxLocks).Text.Split('\n'))
        {
            // 1: FLOCK  ADVISORY  WRITE 2203 fe:00:1835021 0 EOF; device numbers are left out: btrfs shows others there than in stat
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 6 && fields[1] == "FLOCK" && fields[5].EndsWith(end, StringComparison.Ordinal)
                && int.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>One wait.</summary>
    internal sealed class Wait(LockNotice owner, long since, Fd root, string path, string doing)
    {
        private TimeSpan _next = s_first;

        /// <summary>Says something when it is time to; to be called now and then.</summary>
        internal void Tick()
        {
            var waited = owner.Waited(since);
            if (waited < _next)
            {
                return;
            }

            _next = waited + s_then;
            var holder = HolderOf(root, path) is { } id ? string.Create(CultureInfo.InvariantCulture, $"process {id}") : "another process";
            owner.Say(string.Create(CultureInfo.InvariantCulture, $"waiting for {holder}, which {doing}; {(int)waited.TotalSeconds} s so far"));
        }
    }

    private TimeSpan Waited(long since) => time.GetElapsedTime(since);
}
