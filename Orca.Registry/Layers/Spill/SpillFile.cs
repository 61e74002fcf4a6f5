using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Layers.Spill;

/// <summary>A file of a <see cref="SpillSpace"/>. Its faults are the store's.</summary>
/// <param name="file">The file; this owns it.</param>
/// <param name="content">What it keeps, for messages.</param>
internal sealed class SpillFile(Fd file, string content = SpillFile.Paths) : IDisposable
{
    internal const string Paths = "what the image says of its paths";

    /// <summary>Fills the span from an offset; beyond the end are zeros.</summary>
    internal void Read(Span<byte> bytes, long offset)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                var count = FileSystem.ReadAt(file, bytes, offset);
                if (count == 0)
                {
                    bytes.Clear();
                    return;
                }

                bytes = bytes[count..];
                offset += count;
            }
        }
        catch (LinuxException e)
        {
            throw Explain(e, content);
        }
    }

    internal void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            FileSystem.WriteAt(file, bytes, offset);
        }
        catch (LinuxException e)
        {
            throw Explain(e, content);
        }
    }

    public void Dispose() => file.Dispose();

    internal static StoreException Explain(LinuxException e, string content) => new($"cannot keep {content}: {e.Message}", e.Hint, e);
}
