using Orca.Core.Linux;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>Reads a pipe or a terminal, and ends its wait when it is cancelled. Does not own the descriptor.</summary>
internal sealed class PolledStream(Fd source, CancellationToken cancellationToken) : ForwardStream
{
    private const int Interval = 100;
    private const short PollIn = 1;

    public override int Read(Span<byte> buffer)
    {
        Span<PollFd> entry = [new PollFd { Fd = source.Number, Events = PollIn }];
        while (Kernel.Poll(entry, Interval) == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return FileSystem.Read(source, buffer);
    }
}
