using System.IO.Compression;
using System.Reflection;
using Orca.Core.Linux;

namespace Orca.Cli.Process;

/// <summary>The full binary inside the launcher: all of orca, with TLS, decompression and flattening.</summary>
/// <remarks>
/// A static Native AOT binary relocates and fills its data at every start, needed or not: measured 2.4 ms with the network code in it, 1.4 ms
/// without, of 6 for a whole run. So what starts containers (the launcher) carries no network code, and what pulls lies compressed inside it,
/// to be run from memory when something is to be pulled. Once pulled, the launcher is started again (<see cref="Handoff"/>).
/// Both are this project; the constant FRONT makes the difference, <c>.ci/publish</c> puts them together.
/// </remarks>
internal static class EmbeddedFullBinary
{
    private const string Resource = "network";

    /// <summary>Returns a memory file that holds the program.</summary>
    /// <exception cref="LinuxException">There is no room for it.</exception>
    internal static Fd Unpack()
    {
        using var packed = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException("the build has left the full binary out");
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        var file = Kernel.OpenMemoryFile("orca");
        var buffer = new byte[1 << 18];
        for (int count; (count = unpacked.Read(buffer)) > 0;)
        {
            FileSystem.Write(file, buffer.AsSpan(0, count));
        }

        return file;
    }
}
