using Orca.Core.Errors;

namespace Orca.Registry.Layers.Compression;

/// <summary>Inflates gzip, strictly: members one after another, each with header, checksum and length; then zeros or nothing.</summary>
/// <remarks>
/// Source: RFC 1952. The in-box GZipStream is as fast, but ends a truncated stream without an error and ignores what follows the last
/// member; so this drives the same zlib-ng itself and sees where every member ends.
/// </remarks>
internal sealed class GzipDecoder(InputWindow input, string name) : FormatDecoder(input, name, "gzip")
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
        End,
    }

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && _state != State.End)
        {
            if (!Input.Fill())
            {
                EndOfInput();
            }
            else if (_state == State.Between)
            {
                StartNext();
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
        var result = _inflater.Inflate(Input.Available, buffer, stopAfterHeader: _state == State.Header, out var used, out var written);
        Input.Advance(used);
        switch (result)
        {
            case InflateResult.End:
                _members++;
                _state = State.Between;
                break;
            case InflateResult.Malformed:
                throw Describe();
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

        if (Input.Available.Length > 0)
        {
            _state = State.Body;
        }
    }

    private ContentException Describe() => _inflater.Message switch
    {
        "incorrect data check" or "incorrect length check" or "header crc mismatch" => Fault($"wrong gzip checksum ({_inflater.Message})"),
        _ when _state == State.Header && _members > 0 => Trailing(),
        { } words => Fault($"malformed gzip stream ({words})"),
        null => Malformed(),
    };

    private void StartNext()
    {
        if (TrySkipToEnd())
        {
            _state = State.End;
            return;
        }

        _inflater.Reset();
        _headerBytes = 0;
        _state = State.Header;
    }

    private void EndOfInput() => _state = _state == State.Between ? State.End : throw Truncated();
}
