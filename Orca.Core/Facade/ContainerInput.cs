using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orca;

/// <summary>The standard input of a container.</summary>
public sealed record ContainerInput
{
    private ContainerInput()
    {
    }

    /// <summary>Nothing: /dev/null.</summary>
    public static ContainerInput Empty { get; } = new();

    /// <summary>A pipe: the command reads what the program writes to <see cref="RunningStreams.Input"/>.</summary>
    public static ContainerInput Pipe { get; } = new() { IsPipe = true };

    internal bool IsPipe { get; private init; }

    internal Stream? Stream { get; private init; }

    internal ReadOnlyMemory<byte>? Bytes { get; private init; }

    internal SafeFileHandle? Handle { get; private init; }

    /// <summary>A text, in UTF-8.</summary>
    public static ContainerInput Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes.</summary>
    public static ContainerInput Of(ReadOnlyMemory<byte> bytes) => new() { Bytes = bytes };

    /// <summary>Everything that a stream gives; it is read while the container reads, and not disposed.</summary>
    /// <remarks>When the container ends, the read that is under way is cancelled. A stream that cannot be cancelled loses what that read returns.</remarks>
    public static ContainerInput Of(Stream stream) => new() { Stream = stream };

    /// <summary>An open file, which the command gets as it is: nothing is copied. Not a directory and not a terminal.</summary>
    public static ContainerInput Of(SafeFileHandle handle) => new() { Handle = handle };

    /// <summary>Names the kind.</summary>
    public override string ToString() => IsPipe ? "pipe" : Bytes is { } bytes ? $"{bytes.Length} bytes" : Stream is not null ? "stream" : Handle is not null ? "handle" : "empty";
}
