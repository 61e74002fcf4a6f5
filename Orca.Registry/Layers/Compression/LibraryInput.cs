using System.Runtime.ExceptionServices;
using Orca.Core.Errors;

namespace Orca.Registry.Layers.Compression;

/// <summary>Passes compressed bytes to a library's decoder, and remembers whether they ended or could not be read.</summary>
/// <remarks>
/// Libraries answer the end of their input with a wrong byte, with nothing, or with an exception that hides the one of the source. So reads here never
/// return "no more", and <see cref="Explain"/> finds the cause afterwards.
/// </remarks>
/// <param name="input">The compressed bytes; stays the caller's.</param>
internal sealed class LibraryInput(InputWindow input) : ForwardStream
{
    private ExceptionDispatchInfo? _fault;
    private bool _isCut;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        Fill();
        var count = Math.Min(buffer.Length, input.Available.Length);
        input.Available[..count].CopyTo(buffer);
        input.Advance(count);
        return count;
    }

    public override int ReadByte()
    {
        Fill();
        var value = input.Available[0];
        input.Advance(1);
        return value;
    }

    /// <summary>Returns what a failure of the decoder means to people; throws the exception of the source if that was the cause.</summary>
    /// <param name="exception">What the decoder threw.</param>
    /// <param name="name">How messages call the bytes.</param>
    /// <param name="format">The name of the format.</param>
    internal ContentException Explain(Exception exception, string name, string format)
    {
        _fault?.Throw();
        return exception is ContentException known ? known : new ContentException(
            $"cannot decompress {name}: {(_isCut ? "truncated" : "malformed")} {format} stream", null, exception);
    }

    private void Fill()
    {
        try
        {
            if (input.Fill())
            {
                return;
            }
        }
        catch (Exception e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
            throw;
        }

        _isCut = true;
        throw new EndOfStreamException();
    }
}
