using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Reflection;
using Orca.Cli.Parsing;
using Orca.Core.Linux;

namespace Orca.Cli;

/// <summary>The other program inside this one: all of orca, with TLS, decompression and flattening.</summary>
/// <remarks>
/// A static Native AOT binary relocates and fills its data at every start, needed or not: measured 2.4 ms with the network code in it, 1.4 ms
/// without, of 6 for a whole run. So what starts containers (the front) carries no network code, and what pulls lies compressed inside it,
/// to be run from memory when something is to be pulled. Once pulled, the front is started again (<see cref="Reexec"/>).
/// Both are this project; the constant FRONT makes the difference, <c>.ci/publish</c> puts them together.
/// </remarks>
internal static class NetworkHalf
{
    /// <summary>Tells the network half where the front lies.</summary>
    public const string FrontVariable = "ORCA_FRONT";

    private const string Resource = "network";

    /// <summary>Becomes the network half, with the same arguments.</summary>
    /// <param name="files">What this life has read; null when it has read nothing.</param>
    /// <exception cref="LinuxException">It could not; all is as before.</exception>
    [DoesNotReturn]
    public static void Become(NamedFiles? files = null)
    {
        using var program = Unpack();
        List<byte[]> variables = [.. ProcessImage.Variables()];
        variables.RemoveAll(static variable => variable.AsSpan().StartsWith("ORCA_FRONT="u8));
        if (Environment.ProcessPath is { } front)
        {
            variables.Add(NativeText.Encode($"{FrontVariable}={front}"));
        }

        files?.HandOver(variables);
        ProcessImage.Replace(program, ProcessImage.Arguments(), variables);
    }

    private static Fd Unpack()
    {
        using var packed = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException("the build has left the network half out");
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        var file = Kernel.OpenMemoryFile("orca");
        var buffer = new byte[1 << 18];
        for (int count; (count = unpacked.Read(buffer)) > 0;)
        {
            try
            {
                FileSystem.Write(file, buffer.AsSpan(0, count));
            }
            catch (LinuxException e)
            {
                throw new LinuxException("unpack", "the part of orca that pulls", e.Errno); // the file has no name that anybody knows
            }
        }

        return file;
    }
}
