using System.Globalization;
using Microsoft.Extensions.Logging;
using Orca.Core.Errors;
using Orca.Registry.Remote;
using Orca.Registry.Remote.Hosts;

namespace Orca.Registry.Archives;

/// <summary>Fetches the file of an address into a spool, with the rules of redirects, retries and silence that registries get. Nobody logs in.</summary>
internal sealed class UrlDownload(Func<HttpMessageHandler> handler, TimeProvider time, ILogger logger)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Fetches the whole file.</summary>
    /// <remarks>A broken connection goes on where it broke when the server says that the file is still the same; else from the start.</remarks>
    /// <exception cref="RegistryException">It cannot be fetched.</exception>
    internal async Task FetchAsync(Uri address, Spool spool, string failure, CancellationToken cancellationToken)
    {
        using var invoker = new HttpMessageInvoker(handler());
        var sender = new HttpSender(invoker, InsecureHosts.None, time, logger);
        var (budget, pace) = (new RetryBudget(time, logger), new MinimumThroughput(time));
        var furthest = 0L; // what comes again, since the file may be another one by now, is no progress
        string? version = null;
        while (true)
        {
            var from = version is null ? 0 : spool.Length;
            try
            {
                using var answer = await sender.SendAsync(new Ask { Uri = address, Offset = from, Failure = failure }, budget, wasReachable: from > 0, cancellationToken).ConfigureAwait(false);
                if (!Continues(answer, from, version))
                {
                    if ((int)answer.Response.StatusCode is not 200)
                    {
                        if (from > 0)
                        {
                            version = null; // it may be another file by now
                            continue;
                        }

                        throw new RegistryException(string.Create(CultureInfo.InvariantCulture, $"{failure}: {RegistryErrors.Get(answer.Uri)}: status {(int)answer.Response.StatusCode}"));
                    }

                    spool.Clear();
                    version = Version(answer);
                }

                await ReadAsync(answer, spool, pace, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (TransferException e)
            {
                if (spool.Length > furthest)
                {
                    furthest = spool.Length;
                    budget.Progress();
                }

                if (!(e.Fault == TransferFault.Broken || (e.Fault == TransferFault.Silent && spool.Length > 0)) || !await budget.WaitAsync(RegistryErrors.Get(address), e.Message, null, cancellationToken).ConfigureAwait(false))
                {
                    throw e.ToError(failure, address);
                }
            }
        }
    }

    private static bool Continues(Answer answer, long from, string? version) =>
        from > 0 && (int)answer.Response.StatusCode == 206 && answer.Response.Content.Headers.ContentRange?.From == from && version == Version(answer);

    /// <summary>What tells one state of a file from another (RFC 9110, 8.8); null when the server gives nothing of the kind.</summary>
    private static string? Version(Answer answer) =>
        answer.Header("ETag") is { } tag && !tag.StartsWith("W/", StringComparison.Ordinal) ? tag : null;

    private async Task ReadAsync(Answer answer, Spool spool, MinimumThroughput pace, CancellationToken cancellationToken)
    {
        using var idle = new IdleTimer(time);
        var body = await idle.RunAsync(static async (content, token) => await content.ReadAsStreamAsync(token).ConfigureAwait(false), answer.Response.Content, cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var buffer = new byte[BufferSize];
            pace.Begin();
            while (await idle.RunAsync(static (state, token) => state.body.ReadAsync(state.Item2, token), (body, buffer.AsMemory()), cancellationToken).ConfigureAwait(false) is > 0 and var count)
            {
                pace.Require(count);
                spool.Append(buffer.AsSpan(0, count));
                pace.Begin();
            }
        }
    }
}
