using Orca.Core.Errors;

namespace Orca.Core.Containers;

/// <summary>Reads files of a container that are read for convenience: one that is closed, too large or damaged is noted and passed over, and the container starts.</summary>
/// <remarks>The counterpart of <see cref="Host.HostFileReader"/> for untrusted files: the container reads them below the descriptor of its root.</remarks>
/// <param name="container">The container.</param>
/// <param name="note">Takes a sentence for the user; null for nobody.</param>
internal sealed class ContainerFileReader(IContainerContent container, Action<string>? note)
{
    private string? _noted;

    /// <summary>The file; null when there is no such regular file, or it is passed over.</summary>
    /// <param name="path">The path inside.</param>
    /// <param name="limit">The most bytes it may have.</param>
    /// <param name="consequence">What follows for the user when it is passed over.</param>
    internal byte[]? Read(string path, int limit, string consequence) => Try(() => container.ReadFile(path, limit), consequence);

    /// <summary>The first bytes of the file; null as for <see cref="Read"/>.</summary>
    internal byte[]? ReadStart(string path, int count, string consequence) => Try(() => container.ReadStart(path, count), consequence);

    /// <summary>True when there is such a regular file.</summary>
    internal bool Exists(string path) => Try(() => container.ReadStart(path, 0), "it counts as missing") is not null;

    private byte[]? Try(Func<byte[]?> read, string consequence)
    {
        try
        {
            return read();
        }
        catch (OrcaException failure)
        {
            if (_noted != failure.Message) // what keeps all files from being read is said once
            {
                _noted = failure.Message;
                note?.Invoke($"{failure.Message}; {consequence}");
            }

            return null;
        }
    }
}
