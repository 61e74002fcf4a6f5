namespace Orca.Core.Linux;

/// <summary>This process as execve(2) made it and may remake it.</summary>
public static unsafe class ProcessImage
{
    private const int Limit = 8 << 20; // the kernel allows 6 MiB of arguments and variables together

    /// <summary>The arguments as bytes, the program's own name first.</summary>
    /// <remarks>Without /proc, as the runtime has decoded them: bytes that are not UTF-8 are lost then.</remarks>
    public static IReadOnlyList<byte[]> Arguments() => TrySplit("/proc/self/cmdline\0"u8) ?? Encode(Environment.GetCommandLineArgs());

    /// <summary>The variables as bytes, <c>NAME=value</c>, as they were at the start of the process.</summary>
    /// <remarks>Without /proc, as the runtime has decoded them: bytes that are not UTF-8 are lost then.</remarks>
    public static IReadOnlyList<byte[]> Variables() => TrySplit("/proc/self/environ\0"u8) ?? Encode(ManagedVariables());

    /// <summary>execve(2): replaces this process, its memory and its threads. Returns only by exception.</summary>
    /// <remarks>Descriptors that are close-on-exec go; blocked signals, ignored signals, the process id and the terminal stay.</remarks>
    /// <exception cref="LinuxException">The program could not be started; nothing has changed. EINVAL: a string holds a NUL.</exception>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Replace(PathZ program, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> variables)
    {
        using var argv = new Vector(arguments);
        using var envp = new Vector(variables);
        fixed (byte* path = program.Terminated)
        {
            _ = Native.execve(path, argv.Pointers, envp.Pointers);
        }

        throw new LinuxException("execute", program.ToString(), Call.LastErrno);
    }

    /// <summary>execveat(2) of an open file, which needs no /proc; otherwise as <see cref="Replace(PathZ, IReadOnlyList{byte[]}, IReadOnlyList{byte[]})"/>.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Replace(Fd program, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> variables)
    {
        const int emptyPath = 0x1000; // AT_EMPTY_PATH
        var number = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? 281 : 322;
        using var argv = new Vector(arguments);
        using var envp = new Vector(variables);
        fixed (byte* empty = "\0"u8)
        {
            _ = Native.syscall(number, program.Number, (nint)empty, (nint)argv.Pointers, (nint)envp.Pointers, emptyPath, 0);
        }

        throw new LinuxException("execute", "memory file", Call.LastErrno);
    }

    /// <summary>Makes the two arrays that execve(2) takes and passes their addresses on to something that replaces this process. Returns when that did not.</summary>
    public static void Become(IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> variables, Func<nint, nint, nint> replace)
    {
        using var argv = new Vector(arguments);
        using var envp = new Vector(variables);
        replace((nint)argv.Pointers, (nint)envp.Pointers);
    }

    private static List<byte[]> Encode(IEnumerable<string> strings) => [.. strings.Select(NativeText.Encode)];

    private static IEnumerable<string> ManagedVariables()
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            yield return $"{variable.Key}={variable.Value}";
        }
    }

    private static List<byte[]>? TrySplit(ReadOnlySpan<byte> path)
    {
        if (FileSystem.TryOpen(null, PathZ.OfTerminated(path), Tmds.Linux.LibC.O_RDONLY, out var file) != Errno.None)
        {
            return null;
        }

        using var opened = file;
        Span<byte> all;
        try
        {
            all = FileSystem.ReadAll(file!, Limit);
        }
        catch (LinuxException)
        {
            return null; // what the runtime read at its start is nearly as good
        }

        var parts = new List<byte[]>();
        while (!all.IsEmpty)
        {
            var end = all.IndexOf((byte)0);
            end = end < 0 ? all.Length : end;
            parts.Add(all[..end].ToArray());
            all = all[Math.Min(end + 1, all.Length)..];
        }

        return parts;
    }

    /// <summary>A NULL-ended array of pointers to NUL-ended strings, outside the managed heap: nothing can move while execve reads it.</summary>
    private sealed class Vector : IDisposable
    {
        private readonly int _count;

        internal Vector(IReadOnlyList<byte[]> strings)
        {
            Pointers = (byte**)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)strings.Count + 1, (nuint)sizeof(byte*));
            foreach (var text in strings)
            {
                var bytes = PathZ.From(text).Terminated;
                var copy = (byte*)System.Runtime.InteropServices.NativeMemory.Alloc((nuint)bytes.Length);
                bytes.CopyTo(new Span<byte>(copy, bytes.Length));
                Pointers[_count++] = copy;
            }
        }

        internal byte** Pointers { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
            {
                System.Runtime.InteropServices.NativeMemory.Free(Pointers[i]);
            }

            System.Runtime.InteropServices.NativeMemory.Free(Pointers);
        }
    }
}
