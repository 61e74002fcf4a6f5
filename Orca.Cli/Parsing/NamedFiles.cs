using System.Buffers.Binary;
using System.Globalization;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Cli.Parsing;

/// <summary>Reads files that the command line names, and keeps what came from pipes: around a pull this program is started anew with the same arguments, and a pipe gives its bytes once.</summary>
/// <remarks>
/// <code>
///   launcher, reads --env-file &lt;(...) --> full program, reads again, pulls --> launcher, reads again, runs
/// </code>
/// Each life leaves what it read from pipes in a memory file that its exec does not close, and names that in <see cref="Variable"/> with the process id, which an exec keeps: a value that
/// the user's shell has exported is another process's.
/// </remarks>
internal sealed class NamedFiles(HostEnvironment environment)
{
    /// <summary>Process id and descriptor of what an earlier life of this process has read.</summary>
    public const string Variable = "ORCA_PIPES";

    private const int Limit = 256 << 20;

    private Dictionary<string, byte[]>? _pipes;

    /// <summary>The bytes of a file; with the cause in words instead where it cannot be read.</summary>
    public (byte[] Content, string? Cause) Read(string path, int limit)
    {
        var pipes = _pipes ??= Inherited();
        if (pipes.TryGetValue(path, out var known))
        {
            return (known, null);
        }

        var file = HostFileReader.ReadNamed(path, limit);
        if (file.IsRead && file.Status.Kind != FileKind.Regular)
        {
            pipes.Add(path, file.Content);
        }

        return (file.Content, file.Cause);
    }

    /// <summary>Puts what was read from pipes where the next life finds it.</summary>
    /// <param name="variables">The variables of the next life, <c>NAME=value</c>.</param>
    public void HandOver(List<byte[]> variables)
    {
        variables.RemoveAll(static variable => variable.AsSpan().StartsWith("ORCA_PIPES="u8));
        if (_pipes is not { Count: > 0 } pipes)
        {
            return;
        }

        var file = Kernel.OpenMemoryFile("orca-pipes");
        foreach (var (path, content) in pipes)
        {
            Write(file, NativeText.Encode(path));
            Write(file, content);
        }

        Kernel.SetCloseOnExec(file.Number, false);
        variables.Add(NativeText.Encode(string.Create(CultureInfo.InvariantCulture, $"{Variable}={Environment.ProcessId} {file.Number}")));
        file.SetHandleAsInvalid(); // the next life closes it
    }

    private static void Write(Fd file, ReadOnlySpan<byte> bytes)
    {
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        FileSystem.Write(file, length);
        FileSystem.Write(file, bytes);
    }

    private Dictionary<string, byte[]> Inherited()
    {
        var pipes = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (environment.FindOwn(Variable)?.Split(' ') is not [var process, var descriptor]
            || process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(descriptor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number <= 2 || !Kernel.IsInherited(number))
        {
            return pipes;
        }

        using var file = new Fd(number);
        FileSystem.Seek(file, 0);
        ReadOnlySpan<byte> rest = FileSystem.ReadAll(file, Limit);
        while (Take(ref rest) is { } path && Take(ref rest) is { } content)
        {
            pipes[NativeText.Decode(path)] = content;
        }

        return pipes;
    }

    private static byte[]? Take(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(rest) is var length && (length < 0 || length > rest.Length - sizeof(int)))
        {
            return null;
        }

        var bytes = rest.Slice(sizeof(int), length).ToArray();
        rest = rest[(sizeof(int) + length)..];
        return bytes;
    }
}
