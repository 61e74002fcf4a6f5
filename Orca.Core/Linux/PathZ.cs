using System.Text;

namespace Orca.Core.Linux;

/// <summary>A path as the kernel takes it: bytes that end with one NUL and hold no other.</summary>
/// <remarks>File names on Linux are bytes; text is only a way to show them. An embedded NUL would silently cut the name, so it cannot be made.</remarks>
public readonly ref struct PathZ
{
    private PathZ(ReadOnlySpan<byte> terminated) => Terminated = terminated;

    /// <summary>The bytes including the NUL.</summary>
    public ReadOnlySpan<byte> Terminated { get; }

    /// <summary>The bytes without the NUL.</summary>
    public ReadOnlySpan<byte> Bytes => Terminated[..^1];

    /// <summary>Copies the name and ends it.</summary>
    /// <exception cref="LinuxException">EINVAL: the name holds a NUL.</exception>
    public static PathZ From(ReadOnlySpan<byte> name)
    {
        var bytes = new byte[name.Length + 1];
        name.CopyTo(bytes);
        return OfTerminated(bytes);
    }

    /// <summary>Encodes text as UTF-8 and ends it.</summary>
    /// <exception cref="LinuxException">EINVAL: the text holds a NUL.</exception>
    public static PathZ From(string name) => From(Encoding.UTF8.GetBytes(name));

    /// <summary>Wraps bytes that already end with a NUL, such as a <c>"name\0"u8</c> literal or a reused buffer.</summary>
    /// <exception cref="LinuxException">EINVAL: a NUL stands before the end, or none at it.</exception>
    public static PathZ OfTerminated(ReadOnlySpan<byte> terminated) =>
        terminated.IndexOf((byte)0) == terminated.Length - 1 && terminated.Length > 0
            ? new PathZ(terminated)
            : throw new LinuxException("use", Errors.Quoted.Name(terminated), Errno.EINVAL);

    /// <summary>The name, escaped for a message.</summary>
    public override string ToString() => Errors.Quoted.Name(Bytes);
}
