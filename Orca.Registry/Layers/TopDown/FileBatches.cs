using System.Runtime.ExceptionServices;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Writes small files on threads of its own while the archive is read on: making a file costs the kernel more than its bytes.</summary>
/// <remarks>
/// Files go in batches, so that few hand-overs carry many. What fails is thrown by the next call. The number of batches bounds the memory
/// (4 MB) and the lead.
/// </remarks>
internal sealed class FileBatches : IDisposable
{
    private const int Count = 16;

    private readonly object _gate = new(); // a monitor: it can be waited on
    private readonly Stack<FileBatch> _free = new();
    private readonly Queue<FileBatch> _full = new();
    private readonly List<Thread> _threads = [];
    private readonly uint _umask;
    private FileBatch? _current;
    private ExceptionDispatchInfo? _fault;
    private int _made;
    private int _underWay;
    private bool _isStopped;

    internal FileBatches(uint umask) => _umask = umask;

    /// <summary>Takes the file that the archive stands at, with its bytes; false when it is none that goes through a batch.</summary>
    internal bool TryAdd(TarReader tar, DirectoryNode parent, Orca.Core.Linux.PathZ name, uint created, uint mode)
    {
        var entry = tar.Entry;
        if (entry.IsSparse || entry.Xattrs.Count > 0 || entry.Size > FileBatch.Capacity - 512)
        {
            return false;
        }

        if (_current is { } full && !full.HasRoomFor(name.Terminated.Length, entry.Size))
        {
            HandOver();
        }

        (_current ??= Take()).Add(tar, parent, name, created, mode);
        return true;
    }

    /// <summary>Waits until every file is on the disk.</summary>
    internal void Drain()
    {
        HandOver();
        lock (_gate)
        {
            while (_underWay > 0 && _fault is null)
            {
                Monitor.Wait(_gate);
            }
        }

        _fault?.Throw();
    }

    /// <summary>Stops; what is under way is finished, what waits is dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }

        _threads.ForEach(static thread => thread.Join());
        _current?.Clear();
        while (_full.TryDequeue(out var batch))
        {
            batch.Clear();
        }
    }

    private void HandOver()
    {
        if (_current is not { IsEmpty: false } batch)
        {
            return;
        }

        _current = null;
        lock (_gate)
        {
            _full.Enqueue(batch);
            _underWay++;
            Monitor.PulseAll(_gate);
        }

        var wanted = Math.Clamp(Environment.ProcessorCount, 2, 4);
        if (_threads.Count < wanted)
        {
            var thread = new Thread(Work, 256 * 1024) { IsBackground = true, Name = "orca files" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    private FileBatch Take()
    {
        lock (_gate)
        {
            while (true)
            {
                _fault?.Throw();
                if (_free.TryPop(out var batch))
                {
                    return batch;
                }

                if (_made < Count)
                {
                    _made++;
                    return new FileBatch();
                }

                Monitor.Wait(_gate);
            }
        }
    }

    private void Work()
    {
        while (Next() is { } batch)
        {
            ExceptionDispatchInfo? fault = null;
            try
            {
                batch.Write(_umask);
            }
            catch (Exception e)
            {
                fault = ExceptionDispatchInfo.Capture(e);
            }

            lock (_gate)
            {
                _fault ??= fault;
                _underWay--;
                _free.Push(batch);
                Monitor.PulseAll(_gate);
            }
        }
    }

    private FileBatch? Next()
    {
        lock (_gate)
        {
            while (!_isStopped && _fault is null)
            {
                if (_full.TryDequeue(out var batch))
                {
                    return batch;
                }

                Monitor.Wait(_gate);
            }

            return null;
        }
    }
}
