using Orca.Core.Errors;

namespace Orca.Registry.Layers;

/// <summary>Inflates gzip, strictly: members one after another, each with header, checksum and length; then zeros or nothing.</summary>
/// <remarks>
/// Source: RFC 1952. The in-box GZipStream is as fast, but ends a truncated stream without an error and ignores what follows the last
/// member; so this drives the same zlib-ng itself and sees where every member ends.
/// </remarks>
internal sealed class GzipDecoder(InputWindow input, string name) : ForwardStream
{
    /// <summary>Room for an extra field of 64 KiB and names; more is an attack on somebody.</summary>
    private const int MaxHeader = 128 * 1024;

    private readonly Inflater _inflater = new();
    private State _state = State.Header;
    private int _headerBytes;
    private long _members;

    private enum State
    {
        Header,
        Body,
        Between,
        Padding,
        End,
    }

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && _state != State.End)
        {
            if (!input.Fill())
            {
                EndOfInput();
            }
            else if (_state == State.Between)
            {
                StartNext();
            }
            else if (_state == State.Padding)
            {
                SkipPadding();
            }
            else if (Inflate(buffer) is > 0 and var count)
            {
                return count;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inflater.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Inflate(Span<byte> buffer)
    {
        var result = _inflater.Inflate(input.Available, buffer, stopAfterHeader: _state == State.Header, out var used, out var written);
        input.Advance(used);
        switch (result)
        {
            case InflateResult.End:
                _members++;
                _state = State.Between;
                break;
            case InflateResult.Malformed:
                throw Fault(Describe());
            case InflateResult.OutOfMemory:
                throw Fault("out of memory");
            default:
                CountHeader(used);
                break;
        }

        return written;
    }

    /// <summary>zlib stops behind the header when asked to; until then everything that went in was header.</summary>
    private void CountHeader(int used)
    {
        if (_state != State.Header)
        {
            return;
        }

        _headerBytes += used;
        if (_headerBytes > MaxHeader)
        {
            throw Fault("the gzip header exceeds limit of 128 KiB");
        }

        if (input.Available.Length > 0)
        {
            _state = State.Body;
        }
    }

    private string Describe() => _inflater.Message switch
    {
        "incorrect data check" or "incorrect length check" or "header crc mismatch" => $"wrong gzip checksum ({_inflater.Message})",
        _ when _state == State.Header && _members > 0 => "there is something else behind the gzip stream",
        { } words => $"malformed gzip stream ({words})",
        null => "malformed gzip stream",
    };

    private void StartNext()
    {
        if (input.Available[0] == 0)
        {
            _state = State.Padding; // tape blocks and some writers fill up with zeros
            return;
        }

        _inflater.Reset();
        _headerBytes = 0;
        _state = State.Header;
    }

    private void SkipPadding()
    {
        if (input.Available.ContainsAnyExcept((byte)0))
        {
            throw Fault("there is something else behind the gzip stream");
        }

        input.Advance(input.Available.Length);
    }

    private void EndOfInput() =>
        _state = _state is State.Between or State.Padding ? State.End : throw Fault("truncated gzip stream");

    private ContentException Fault(string cause) => new($"cannot decompress {name}: {cause}");
}
