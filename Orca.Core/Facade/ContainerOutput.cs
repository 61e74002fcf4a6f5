using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Orca;

/// <summary>The destination of the standard output or standard error of a container.</summary>
public sealed record ContainerOutput
{
    private ContainerOutput()
    {
    }

    /// <summary>To <see cref="ContainerResult"/> in a run, to <see cref="RunningStreams"/> in a start.</summary>
    public static ContainerOutput Pipe { get; } = new() { IsPipe = true };

    /// <summary>Nowhere: /dev/null.</summary>
    public static ContainerOutput Discard { get; } = new();

    internal bool IsPipe { get; private init; }

    internal Stream? Stream { get; private init; }

    internal SafeFileHandle? Handle { get; private init; }

    internal ILogger? Logger { get; private init; }

    internal LogLevel Level { get; private init; }

    internal Action<string>? Line { get; private init; }

    internal bool IsCopied => Stream is not null || Logger is not null || Line is not null;

    /// <summary>To a stream, which is written to by one thread at a time and not disposed. The container waits while the stream does not take more.</summary>
    public static ContainerOutput To(Stream stream) => new() { Stream = stream };

    /// <summary>To an open file, which the command gets as it is: nothing is copied. Not a directory and not a terminal.</summary>
    public static ContainerOutput To(SafeFileHandle handle) => new() { Handle = handle };

    /// <summary>To a logger, one entry a line.</summary>
    public static ContainerOutput To(ILogger logger, LogLevel level = LogLevel.Information) => new() { Logger = logger, Level = level };

    /// <summary>To a delegate, which is called with one line after the other.</summary>
    public static ContainerOutput ToLines(Action<string> line) => new() { Line = line };

    /// <summary>Names the kind.</summary>
    public override string ToString() =>
        IsPipe ? "pipe" : Stream is not null ? "stream" : Handle is not null ? "handle" : Logger is not null ? "logger" : Line is not null ? "lines" : "discard";
}
