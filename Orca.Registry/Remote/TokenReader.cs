using System.Text.Json;
using Orca.Core.Errors;
using Orca.Registry.Manifests;

namespace Orca.Registry.Remote;

/// <summary>Reads the answer of a token server.</summary>
/// <remarks>Source: distribution's token authentication specification. <c>token</c> and <c>access_token</c> mean the same; without <c>expires_in</c> a token lives a minute.</remarks>
internal static class TokenReader
{
    internal const int MaxSize = 1 << 20;

    private const int DefaultSeconds = 60;

    /// <summary>The token and how long it lives.</summary>
    /// <exception cref="ContentException">The answer holds no token that could stand in a header.</exception>
    internal static (string Token, TimeSpan Lifetime) Read(ReadOnlySpan<byte> json, string failure) =>
        JsonDocumentReader.Read(json, DocumentLimits.Default with { Bytes = MaxSize }, failure, "the token server's answer", static (ref Utf8JsonReader reader) => ReadFields(ref reader));

    private static (string Token, TimeSpan Lifetime) ReadFields(ref Utf8JsonReader reader)
    {
        string? token = null, accessToken = null;
        long? seconds = null;
        while (JsonDocumentReader.NextField(ref reader))
        {
            if (reader.ValueTextEquals("token"u8))
            {
                token = JsonDocumentReader.ReadString(ref reader, "token");
            }
            else if (reader.ValueTextEquals("access_token"u8))
            {
                accessToken = JsonDocumentReader.ReadString(ref reader, "access_token");
            }
            else if (reader.ValueTextEquals("expires_in"u8))
            {
                seconds = JsonDocumentReader.ReadInteger(ref reader, "expires_in");
            }
            else
            {
                JsonDocumentReader.SkipValue(ref reader);
            }
        }

        var found = !string.IsNullOrEmpty(token) ? token : accessToken;
        if (string.IsNullOrEmpty(found) || found.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new MalformedException(string.IsNullOrEmpty(found) ? "holds no token" : "holds a token that cannot stand in a header");
        }

        return (found, TimeSpan.FromSeconds(Math.Clamp(seconds ?? DefaultSeconds, 1, 24 * 3600)));
    }
}
