using Orca.Core.Linux;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.Launch;

/// <summary>The pipes that take the place of standard streams in a container, where the caller's cannot be the command's own.</summary>
internal sealed class ContainerStreams : IDisposable
{
    private readonly Fd?[] _inside = new Fd?[3];
    private readonly Fd?[] _outside = new Fd?[3];

    /// <summary>Makes the pipes a plan asks for.</summary>
    internal static ContainerStreams Of(SandboxPlan plan)
    {
        var streams = new ContainerStreams();
        foreach (var step in plan.Steps)
        {
            if (step is ConnectStreams connect)
            {
                foreach (var stream in connect.Streams)
                {
                    if (stream == 2 && connect.ErrorIsOutput)
                    {
                        streams._inside[2] = streams._inside[1];
                    }
                    else
                    {
                        streams.Add(stream);
                    }
                }
            }
        }

        return streams;
    }

    /// <summary>The descriptor that becomes a standard stream of the command; -1 when the caller's own does.</summary>
    internal int Inside(int stream) => _inside[stream]?.Number ?? -1;

    /// <summary>Closes the command's ends here, so that their other ends hear when the command has closed them; call after the clone.</summary>
    internal void LetGo() => Array.ForEach(_inside, static end => end?.Dispose());

    /// <summary>Gives the outer ends to the loop that carries the bytes, which closes them.</summary>
    internal unsafe void MoveTo(Keep* keep)
    {
        if (_outside[0] is not null)
        {
            keep->Input = 0;
        }

        (keep->InputTo, keep->Output.From, keep->Error.From) = (Release(0), Release(1), Release(2));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        LetGo();
        Array.ForEach(_outside, static end => end?.Dispose());
    }

    private void Add(int stream)
    {
        var (reader, writer) = Kernel.OpenPipe();
        (_inside[stream], _outside[stream]) = stream == 0 ? (reader, writer) : (writer, reader);
        FileSystem.SetNonBlocking(_outside[stream]!);
    }

    private int Release(int stream)
    {
        if (_outside[stream] is not { } end)
        {
            return -1;
        }

        var number = end.Number;
        end.SetHandleAsInvalid();
        return number;
    }
}
