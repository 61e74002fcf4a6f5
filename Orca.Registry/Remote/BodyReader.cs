namespace Orca.Registry.Remote;

/// <summary>Reads a whole body that must be small, or the beginning of one.</summary>
internal static class BodyReader
{
    private const int Step = 32 * 1024;

    /// <summary>The body's bytes, at most one more than <paramref name="limit"/>, by which the caller sees that there are too many.</summary>
    /// <exception cref="TransferException">The connection broke, or hardly anything comes.</exception>
    internal static async Task<byte[]> ReadAsync(Answer answer, int limit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var idle = new IdleTimer(time);
        var body = await idle.RunAsync(static async (content, token) => await content.ReadAsStreamAsync(token).ConfigureAwait(false), answer.Response.Content, cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var bytes = new byte[Math.Min(Step, limit + 1)];
            var length = 0;
            var pace = new MinimumThroughput(time);
            while (length <= limit)
            {
                if (length == bytes.Length)
                {
                    Array.Resize(ref bytes, Math.Min(bytes.Length * 2, limit + 1));
                }

                var read = await idle.RunAsync(static (state, token) => state.body.ReadAsync(state.Item2, token), (body, bytes.AsMemory(length)), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                pace.Require(read);
                length += read;
            }

            return bytes[..length];
        }
    }

    /// <summary>The beginning of an error's body; nothing when it cannot be read.</summary>
    internal static async Task<byte[]> ReadErrorAsync(Answer answer, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await ReadAsync(answer, RegistryErrors.MaxBody, time, cancellationToken).ConfigureAwait(false);
            return bytes.Length > RegistryErrors.MaxBody ? bytes[..RegistryErrors.MaxBody] : bytes;
        }
        catch (TransferException)
        {
            return [];
        }
    }
}
