using System.Runtime.ExceptionServices;
using Orca.Core.Linux;
using Orca.Registry.Layers.Spill;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Writes files on threads of its own while the archive is read on.</summary>
/// <remarks>
/// Small files go in batches, so that few hand-overs carry many; large ones go piece by piece, written in order by one thread at a time. What fails is thrown by the next call. The number of batches bounds the memory
/// (4 MB) and the lead.
/// </remarks>
internal sealed class FileBatches : IDisposable
{
    private const int Count = 16;

    private readonly object _gate = new(); // a monitor: it can be waited on
    private readonly Stack<FileBatch> _free = new();
    private readonly Queue<FileBatch> _full = new();
    private readonly Queue<FileBatch> _pieces = new();
    private readonly List<Thread> _threads = [];
    private readonly uint _umask;
    private FileBatch? _current;
    private LargeFile? _large;
    private bool _isPieceUnderWay;
    private ExceptionDispatchInfo? _fault;
    private int _made;
    private int _underWay;
    private bool _isStopped;

    internal FileBatches(uint umask, SpillSpace space) => (_umask, Sums) = (umask, SpillTable.OfWords(space));

    /// <summary>The <see cref="ContentSum"/> of each file just written, by <see cref="PathHash"/>: who records the tree need not read it back.</summary>
    internal SpillTable Sums { get; }

    /// <summary>Takes the file that the archive stands at, with its bytes; false when it has what a batch cannot hold.</summary>
    internal bool TryAdd(FlatTree tree, TarReader tar, DirectoryNode parent, PathZ name, uint created, uint mode, out ulong sum)
    {
        var entry = tar.Entry;
        sum = 0;
        if (entry.IsSparse || entry.Xattrs.Count > 0)
        {
            return false;
        }

        var path = PathHash.Child(parent.Hash, name.Bytes);
        if (!FileBatch.IsSmall(entry))
        {
            sum = AddLarge(tar, new LargeFile(FileWriter.Create(tree, parent, name, created), entry, created, mode));
            Sums.Set(path, sum);
            return true;
        }

        if (_current is { } full && !full.HasRoomFor(entry))
        {
            HandOver();
        }

        (_current ??= Take()).Add(tar, parent, name, created, mode);
        sum = ContentSum.Of(_current.Last);
        if (entry.Size > 0)
        {
            Sums.Set(path, sum); // of what is empty it is known
        }

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
        _large?.Abandon();
        while (_full.TryDequeue(out var batch) || _pieces.TryDequeue(out batch))
        {
            batch.Abandon();
        }

        Sums.Dispose();
    }

    private ulong AddLarge(TarReader tar, LargeFile file)
    {
        _large = file;
        var sum = new ContentSum();
        for (var left = tar.Entry.Size; left > 0;)
        {
            var batch = Take();
            try
            {
                left -= batch.AddPiece(tar, file, left);
            }
            catch
            {
                batch.Clear();
                throw;
            }

            sum.Add(batch.Last);
            Enqueue(batch, _pieces);
        }

        return sum.Finish();
    }

    private void HandOver()
    {
        if (_current is not { IsEmpty: false } batch)
        {
            return;
        }

        _current = null;
        Enqueue(batch, _full);
    }

    private void Enqueue(FileBatch batch, Queue<FileBatch> queue)
    {
        lock (_gate)
        {
            queue.Enqueue(batch);
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
            var isPiece = batch.IsPiece;
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
                _isPieceUnderWay &= !isPiece;
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
                if (!_isPieceUnderWay && _pieces.TryDequeue(out var batch))
                {
                    _isPieceUnderWay = true;
                    return batch;
                }

                if (_full.TryDequeue(out batch))
                {
                    return batch;
                }

                Monitor.Wait(_gate);
            }

            return null;
        }
    }
}
