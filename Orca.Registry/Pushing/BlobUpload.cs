using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Registry.Remote;

namespace Orca.Registry.Pushing;

/// <summary>Brings one blob into a repository: asks whether it is there, asks for a mount, and else uploads it in pieces.</summary>
/// <remarks>
/// Source: OCI distribution-spec, "Push". A piece that was not answered may have arrived in part: the registry is asked how far it came, and what it says counts only between
/// what it had confirmed and what was sent. Where it knows the upload no more, the upload begins anew; that takes one of the tries that <see cref="RetryBudget"/> has.
/// </remarks>
internal sealed class BlobUpload(RegistrySession session, Descriptor blob, Func<long, int, byte[]> read, string failure)
{
    /// <summary>Bytes of one piece: large registries take none below 5 MiB, and one must come through within a minute.</summary>
    internal const int Piece = 5 << 20;

    private readonly RetryBudget _budget = session.NewBudget();

    /// <summary>Whether the repository has a blob.</summary>
    internal static async Task<bool> IsThereAsync(RegistrySession session, Descriptor blob, string failure, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(session, HttpMethod.Head, $"blobs/{blob.Digest}", null, null, false, failure, session.NewBudget(), cancellationToken).ConfigureAwait(false);
        return answer.Response.IsSuccessStatusCode
            ? answer.Response.Content.Headers.ContentLength is not { } length || length == blob.Size ? true
                : throw new RegistryException($"{failure}: {RegistryErrors.Request(answer)}: the registry has {blob.Digest} with {length} bytes instead of {blob.Size}")
            : answer.Response.StatusCode == HttpStatusCode.NotFound ? false : throw await session.ErrorAsync(answer, failure, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the registry to take the blob from another repository; false when it does not.</summary>
    internal async Task<bool> TryMountAsync(string repository, CancellationToken cancellationToken)
    {
        var path = $"blobs/uploads/?mount={Uri.EscapeDataString(blob.Digest.ToString())}&from={Uri.EscapeDataString(repository)}";
        using var answer = await SendAsync(session, HttpMethod.Post, path, null, null, false, failure, _budget, cancellationToken).ConfigureAwait(false);
        return answer.Response.StatusCode == HttpStatusCode.Created;
    }

    /// <summary>Uploads the blob.</summary>
    /// <exception cref="RegistryException">The registry refuses, or there is no answer.</exception>
    internal async Task RunAsync(Action<long> progress, CancellationToken cancellationToken)
    {
        var place = await BeginAsync(cancellationToken).ConfigureAwait(false);
        for (var offset = 0L; offset < blob.Size;)
        {
            (place, var next) = await SendPieceAsync(place, offset, cancellationToken).ConfigureAwait(false);
            if (next > offset)
            {
                _budget.Progress();
            }
            else if (!await _budget.WaitAsync($"PATCH {RegistryErrors.Shown(place)}", "the registry took nothing", null, cancellationToken).ConfigureAwait(false))
            {
                throw new RegistryException($"{failure}: PATCH {RegistryErrors.Shown(place)}: the registry takes no more of {blob.Digest}");
            }

            offset = next;
            progress(offset);
        }

        await EndAsync(place, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Uri> BeginAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(session, HttpMethod.Post, "blobs/uploads/", null, null, false, failure, _budget, cancellationToken).ConfigureAwait(false);
        return answer.Response.StatusCode == HttpStatusCode.Accepted ? session.NextPlace(answer, failure) : throw await session.ErrorAsync(answer, failure, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Where the upload goes on, and from which byte.</returns>
    private async Task<(Uri Place, long Offset)> SendPieceAsync(Uri place, long offset, CancellationToken cancellationToken)
    {
        var bytes = read(offset, (int)Math.Min(Piece, blob.Size - offset));
        var sent = offset + bytes.Length;
        string cause;
        string? retryAfter = null;
        try
        {
            using var answer = await session.SendAsync(HttpMethod.Patch, null, place, () => Content(bytes, offset), true, failure, _budget, cancellationToken).ConfigureAwait(false);
            switch (answer.Response.StatusCode)
            {
                case HttpStatusCode.Accepted or HttpStatusCode.NoContent:
                    return (session.NextPlace(answer, failure), ReadEnd(answer) is { } end ? Within(answer, end, offset, sent) : sent);
                case HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.NotFound:
                    cause = $"status {(int)answer.Response.StatusCode}";
                    break;
                case var status when RetryBudget.IsTransient(status):
                    (cause, retryAfter) = ($"status {(int)status}", answer.Header("Retry-After"));
                    break;
                default:
                    throw await session.ErrorAsync(answer, failure, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TransferException e) when (e.Fault is not (TransferFault.Final or TransferFault.NotTls))
        {
            cause = e.Message;
        }

        if (!await _budget.WaitAsync($"PATCH {RegistryErrors.Shown(place)}", cause, retryAfter, cancellationToken).ConfigureAwait(false))
        {
            throw new RegistryException($"{failure}: PATCH {RegistryErrors.Shown(place)}: {cause}", "the registry keeps what is whole: the same push goes on with the rest");
        }

        return await AskAsync(place, offset, sent, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks how far an upload came; begins anew where the registry knows nothing of it.</summary>
    private async Task<(Uri Place, long Offset)> AskAsync(Uri place, long least, long most, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(session, HttpMethod.Get, null, place, null, false, failure, _budget, cancellationToken).ConfigureAwait(false);
        if (answer.Response.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.OK or HttpStatusCode.Accepted))
        {
            return (await BeginAsync(cancellationToken).ConfigureAwait(false), 0);
        }

        var next = answer.Header("Location") is null ? place : session.NextPlace(answer, failure);
        return (next, Within(answer, ReadEnd(answer) ?? 0, least, most));
    }

    private async Task EndAsync(Uri place, CancellationToken cancellationToken)
    {
        var end = new UriBuilder(place) { Query = $"{place.Query.TrimStart('?')}{(place.Query.Length > 1 ? "&" : string.Empty)}digest={Uri.EscapeDataString(blob.Digest.ToString())}" }.Uri;
        using var answer = await SendAsync(session, HttpMethod.Put, null, end, static () => new ByteArrayContent([]), false, failure, _budget, cancellationToken).ConfigureAwait(false);
        if (answer.Response.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.NoContent))
        {
            if (answer.Response.StatusCode == HttpStatusCode.NotFound && await IsThereAsync(session, blob, failure, cancellationToken).ConfigureAwait(false))
            {
                return; // an earlier try had arrived, and its answer was lost
            }

            throw await session.ErrorAsync(answer, failure, cancellationToken).ConfigureAwait(false);
        }

        RequireDigest(answer, blob.Digest, failure);
    }

    /// <summary>What a registry says that it stored must be what was sent.</summary>
    internal static void RequireDigest(Answer answer, Digest expected, string failure)
    {
        if (answer.Header("Docker-Content-Digest") is { Length: > 0 } said && said != expected.ToString())
        {
            throw new RegistryException($"{failure}: {RegistryErrors.Request(answer)}: the registry says that it stored '{Quoted.Text(said)}' instead of {expected}");
        }
    }

    private long Within(Answer answer, long offset, long least, long most) => offset >= least && offset <= most ? offset
        : throw new RegistryException($"{failure}: {RegistryErrors.Request(answer)}: the registry says that it has {offset} bytes, of {most} that were sent and {least} that it had before");

    /// <summary>The number of bytes in <c>Range: 0-LAST</c>; null when there is no such header.</summary>
    private long? ReadEnd(Answer answer)
    {
        var range = answer.Header("Range");
        range = range?.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) == true ? range[6..] : range;
        return range?.StartsWith("0-", StringComparison.Ordinal) == true && long.TryParse(range.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last < long.MaxValue
            ? last == 0 && blob.Size > 1 ? 0 : last + 1 : null; // of an upload without bytes they say 0-0, too
    }

    private static ByteArrayContent Content(byte[] bytes, long offset)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{offset}-{offset + bytes.Length - 1}"));
        return content;
    }

    internal static async Task<Answer> SendAsync(
        RegistrySession session, HttpMethod method, string? path, Uri? place, Func<HttpContent>? body, bool isOnce, string failure, RetryBudget budget, CancellationToken cancellationToken)
    {
        try
        {
            return await session.SendAsync(method, path, place, body, isOnce, failure, budget, cancellationToken).ConfigureAwait(false);
        }
        catch (TransferException e)
        {
            throw new RegistryException($"{failure}: {method}{(place is null ? $" {path?.Split('?')[0]}" : $" {RegistryErrors.Shown(place)}")}: {e.Message}", e.Hint, e);
        }
    }
}
