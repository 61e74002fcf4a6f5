using Orca.Core.Errors;

namespace Orca.Registry.Layers.Compression;

/// <summary>The base of the decoders: the compressed bytes, and the errors about them.</summary>
/// <param name="input">The compressed bytes; stays the caller's.</param>
/// <param name="name">How messages call them, such as <c>layer sha256:...</c>.</param>
/// <param name="format">The name of the format.</param>
internal abstract class FormatDecoder(InputWindow input, string name, string format) : ForwardStream
{
    /// <summary>Gets the compressed bytes.</summary>
    protected InputWindow Input => input;

    /// <summary>Gets the name of the format.</summary>
    protected string Format => format;

    /// <summary>Returns the next bytes without taking them.</summary>
    /// <exception cref="ContentException">There are fewer.</exception>
    protected ReadOnlySpan<byte> Require(int count)
    {
        var bytes = input.Peek(count);
        return bytes.Length == count ? bytes : throw Truncated();
    }

    /// <summary>Skips zeros up to the end of the input (tape blocks, and some writers, fill up with them). Returns false, with nothing taken, where another member may begin.</summary>
    /// <exception cref="ContentException">Something else follows the zeros.</exception>
    protected bool TrySkipToEnd()
    {
        if (input.Fill() && input.Available[0] != 0)
        {
            return false;
        }

        for (; input.Fill(); input.Advance(input.Available.Length))
        {
            if (input.Available.ContainsAnyExcept((byte)0))
            {
                throw Trailing();
            }
        }

        return true;
    }

    /// <summary>Returns the error of bytes that end too early.</summary>
    protected ContentException Truncated() => Fault($"truncated {format} stream");

    /// <summary>Returns the error of bytes that are not of the format.</summary>
    protected ContentException Malformed() => Fault($"malformed {format} stream");

    /// <summary>Returns the error of bytes behind the end.</summary>
    protected ContentException Trailing() => Fault($"there is something else behind the {format} stream");

    /// <summary>Returns an error about the compressed bytes.</summary>
    protected ContentException Fault(string cause, string? hint = null, Exception? exception = null) => new($"cannot decompress {name}: {cause}", hint, exception);

    /// <summary>Returns what a failure of a library's decoder means; throws the exception of the source if that was the cause.</summary>
    protected ContentException Explain(LibraryInput library, Exception exception) => library.Explain(exception, name, format);
}
