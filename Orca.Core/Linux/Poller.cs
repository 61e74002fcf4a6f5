using System.Runtime.InteropServices;

namespace Orca.Core.Linux;

/// <summary>Waits for many descriptors at once (epoll(7)). Each is reported once and then again only after another <see cref="Arm"/> (EPOLLONESHOT).</summary>
/// <remarks>
/// <see cref="Wait"/> is for one thread, the other members for any. Remove a descriptor before it is closed: a process that was cloned meanwhile may
/// hold a copy of it for a moment, and as long as there is one the kernel goes on to watch the open file.
/// </remarks>
public sealed unsafe class Poller : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int AddEntry = 1, RemoveEntry = 2, ChangeEntry = 3;
    private const uint Readable = 1, Writable = 4, Once = 1u << 30;
    private const int Most = 64;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int s_keyOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private readonly Fd _epoll;

    /// <summary>Makes one.</summary>
    /// <exception cref="LinuxException">EMFILE: the process has no descriptor left.</exception>
    public Poller()
    {
        var number = Native.epoll_create1(CloseOnExec);
        _epoll = number >= 0 ? new Fd(number) : throw new LinuxException("make", "epoll", Call.LastErrno);
    }

    /// <summary>Adds a descriptor, about which nothing is reported yet. The key is what <see cref="Wait"/> gives back.</summary>
    /// <exception cref="LinuxException">The descriptor cannot be waited for, or a limit is reached.</exception>
    public void Add(int descriptor, long key)
    {
        if (Control(AddEntry, descriptor, Once, key) is var error && error != Errno.None)
        {
            throw new LinuxException("wait for", $"descriptor {descriptor}", error);
        }
    }

    /// <summary>Asks for one report, when the descriptor can be read or written, or its other end is gone.</summary>
    public Errno Arm(int descriptor, long key, bool forWriting) => Control(ChangeEntry, descriptor, Once | (forWriting ? Writable : Readable), key);

    /// <summary>Takes a descriptor out.</summary>
    public void Remove(int descriptor) => Control(RemoveEntry, descriptor, 0, 0);

    /// <summary>Blocks until there is something to report; the keys go to the front of the span.</summary>
    /// <returns>How many keys there are; 0 when a signal came first.</returns>
    public int Wait(Span<long> keys)
    {
        var size = s_keyOffset + sizeof(long);
        var entries = stackalloc byte[Most * 16];
        var count = Native.epoll_wait(_epoll.Number, entries, Math.Min(Most, keys.Length), -1);
        if (count < 0)
        {
            return Call.LastErrno == Errno.EINTR ? 0 : throw new LinuxException("wait for", "descriptors", Call.LastErrno);
        }

        for (var i = 0; i < count; i++)
        {
            keys[i] = BitConverter.ToInt64(new ReadOnlySpan<byte>(entries + (i * size) + s_keyOffset, sizeof(long)));
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _epoll.Dispose();

    private Errno Control(int operation, int descriptor, uint events, long key)
    {
        var entry = stackalloc byte[16];
        BitConverter.TryWriteBytes(new Span<byte>(entry, sizeof(uint)), events);
        BitConverter.TryWriteBytes(new Span<byte>(entry + s_keyOffset, sizeof(long)), key);
        return Native.epoll_ctl(_epoll.Number, operation, descriptor, entry) >= 0 ? Errno.None : Call.LastErrno;
    }
}
