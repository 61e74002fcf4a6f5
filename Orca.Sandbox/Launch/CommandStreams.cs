using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Launch;

/// <summary>Both sides of the standard streams of a command that is started with streams of its own.</summary>
/// <remarks>The command's ends are plain blocking pipes: no program expects another kind, and a socket could not be opened again as /dev/stdout.</remarks>
internal sealed class CommandStreams : IDisposable
{
    private readonly Fd?[] _inside = new Fd?[3];
    private readonly Stream?[] _outside = new Stream?[3];

    private CommandStreams()
    {
    }

    /// <summary>Opens what a start asks for.</summary>
    /// <exception cref="LinuxException">The process has no descriptors left.</exception>
    internal static CommandStreams Open(SandboxSpec spec, SandboxStart start)
    {
        var streams = new CommandStreams();
        try
        {
            if (spec.PassInput)
            {
                streams.Open(0, start.Input);
            }

            streams.Open(1, start.Output);
            streams.Open(2, start.Error);
            return streams;
        }
        catch
        {
            streams.Dispose();
            throw;
        }
    }

    /// <summary>This program's ends.</summary>
    internal IReadOnlyList<Stream?> Outside => _outside;

    /// <summary>The descriptor that becomes a standard stream of the command; -1 for an input that the plan discards.</summary>
    internal int Inside(int stream) => _inside[stream]?.Number ?? -1;

    /// <summary>Closes the command's ends here, so that their other ends hear when the command has closed them; call after the clone.</summary>
    internal void LetGo() => Array.ForEach(_inside, static end => end?.Dispose());

    /// <summary>Every process of the container has ended.</summary>
    internal void End()
    {
        (_outside[0] as InputPipe)?.End();
        (_outside[1] as OutputPipe)?.End();
        (_outside[2] as OutputPipe)?.End();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        LetGo();
        Array.ForEach(_outside, static end => end?.Dispose());
    }

    private void Open(int stream, SandboxStream target)
    {
        if (target.Handle is { } handle)
        {
            _inside[stream] = FileSystem.Duplicate(handle);
            StandardStreamProbe.RequireLendable(_inside[stream]!, stream);
        }
        else if (target.IsPipe)
        {
            OpenPipe(stream);
        }
        else
        {
            using var nowhere = FileSystem.Open(null, PathZ.OfTerminated("/dev/null\0"u8), stream == 0 ? Tmds.Linux.LibC.O_RDONLY : Tmds.Linux.LibC.O_WRONLY);
            _inside[stream] = FileSystem.Duplicate(nowhere);
        }
    }

    private void OpenPipe(int stream)
    {
        var (reader, writer) = Kernel.OpenPipe();
        var (inside, outside) = stream == 0 ? (reader, writer) : (writer, reader);
        using (inside)
        {
            try
            {
                _inside[stream] = FileSystem.Duplicate(inside); // never one of the three standard numbers, whatever this process has closed
                _outside[stream] = stream == 0 ? new InputPipe(outside) : new OutputPipe(outside);
            }
            catch
            {
                outside.Dispose();
                throw;
            }
        }
    }
}
