using Orca.Core.Linux;

namespace Orca.Sandbox.Launch;

/// <summary>This program's end of a pipe of a container. Waiting takes no thread.</summary>
internal abstract class PipeEnd : Stream
{
    private bool _hasEnded;

    /// <summary>Takes the descriptor over. It alone does not block: the container's end is another open file.</summary>
    protected PipeEnd(Fd file, bool forWriting)
    {
        FileSystem.SetNonBlocking(file);
        (File, Source) = (file, EventLoop.Shared.Watch(file.Number, forWriting));
    }

    /// <summary>The descriptor.</summary>
    protected Fd File { get; }

    /// <summary>Tells when the descriptor is ready.</summary>
    protected EventSource Source { get; }

    /// <summary>Whether every process of the container has ended.</summary>
    protected bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <inheritdoc/>
    public sealed override bool CanSeek => false;

    /// <inheritdoc/>
    public sealed override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Every process of the container has ended: nobody waits for it any more, even where another process has a copy of the other end.</summary>
    internal void End()
    {
        Volatile.Write(ref _hasEnded, true);
        Source.End();
    }

    /// <inheritdoc/>
    public sealed override void Flush()
    {
    }

    /// <inheritdoc/>
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public sealed override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected sealed override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Source.Dispose();
            File.Dispose();
        }

        base.Dispose(disposing);
    }
}
