using System.Globalization;
using System.Net;
using Orca.Core.Errors;
using Orca.Core.Images;

namespace Orca.Registry.Remote;

/// <summary>Asks for a blob from an offset on, and checks what the server says it sends.</summary>
internal sealed class BlobSource(RegistrySession session, Descriptor blob, string failure, RetryBudget budget) : IDisposable
{
    private Answer? _answer;
    private Uri? _uri;
    private bool _ignoresRanges;

    /// <summary>The body, and how many of its first bytes are in front of the offset.</summary>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    /// <exception cref="ContentException">The server's blob has another size.</exception>
    /// <exception cref="TransferException">The server sent another range, or has none; the next call asks for everything.</exception>
    internal async Task<(HttpContent Content, long Skip)> OpenAsync(long offset, CancellationToken cancellationToken)
    {
        var from = _ignoresRanges ? 0 : offset;
        Dispose();
        _answer = await session.GetAsync($"blobs/{blob.Digest}", null, from, failure, budget, cancellationToken).ConfigureAwait(false);
        _uri = _answer.Uri;
        var content = _answer.Response.Content;
        switch (_answer.Response.StatusCode)
        {
            case HttpStatusCode.OK:
                CheckSize(content.Headers.ContentLength);
                return (content, offset);
            case HttpStatusCode.PartialContent:
                var (first, total) = ReadRange(_answer.Header("Content-Range"));
                CheckSize(total);
                if (first == from)
                {
                    return (content, offset - from);
                }

                _ignoresRanges = true;
                throw new TransferException(TransferFault.Broken, "the server sent another part of the blob than the asked-for one");
            case HttpStatusCode.RequestedRangeNotSatisfiable when from > 0: // a proxy that knows no ranges, perhaps: without another try its part would wedge each later pull
                _ignoresRanges = true;
                throw new TransferException(TransferFault.Broken, "the server has no such part of the blob");
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                throw new ContentException($"{failure}: {RegistryErrors.Get(_uri)}: the blob ends before byte {offset}, its manifest says {blob.Size} bytes");
            default:
                throw new RegistryException($"{failure}: {RegistryErrors.Get(_uri)}: status {(int)_answer.Response.StatusCode} has no blob");
        }
    }

    /// <summary>Waits before the next try.</summary>
    /// <exception cref="RegistryException">There is no next try.</exception>
    internal async Task WaitAsync(TransferException cause, CancellationToken cancellationToken)
    {
        var uri = _uri ?? new Uri("https://registry/");
        if (cause.Fault == TransferFault.Final
            || !await budget.WaitAsync(RegistryErrors.Get(uri), cause.Message, null, cancellationToken).ConfigureAwait(false))
        {
            throw cause.ToError(failure, uri);
        }
    }

    public void Dispose()
    {
        _answer?.Dispose();
        _answer = null;
    }

    private void CheckSize(long? size)
    {
        if (size is not null && size != blob.Size)
        {
            throw new ContentException($"{failure}: {RegistryErrors.Get(_uri!)}: the blob has {size} bytes, its manifest says {blob.Size}");
        }
    }

    /// <summary>First byte and total of <c>bytes F-L/T</c>; the total is null for <c>*</c>, the first byte -1 when the header is no range.</summary>
    internal static (long First, long? Total) ReadRange(string? header)
    {
        var text = header.AsSpan().Trim();
        if (!text.StartsWith("bytes", StringComparison.OrdinalIgnoreCase))
        {
            return (-1, null);
        }

        text = text[5..].TrimStart(" =");
        var (dash, slash) = (text.IndexOf('-'), text.IndexOf('/'));
        if (dash < 0 || slash < dash || !TryRead(text[..dash], out var first) || !TryRead(text[(dash + 1)..slash], out var last) || last < first)
        {
            return (-1, null);
        }

        var total = text[(slash + 1)..];
        return total is "*" ? (first, null) : TryRead(total, out var count) && last < count ? (first, count) : (-1, null);
    }

    private static bool TryRead(ReadOnlySpan<char> digits, out long number) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
