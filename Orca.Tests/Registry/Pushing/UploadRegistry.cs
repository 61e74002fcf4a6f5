using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Pushing;

/// <summary>The upload half of a scripted registry: keeps what it gets, as the OCI distribution specification says.</summary>
internal sealed class UploadRegistry
{
    private readonly Dictionary<string, List<byte>> _uploads = new(StringComparer.Ordinal);

    public Dictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, byte[]> Manifests { get; } = new(StringComparer.Ordinal);

    /// <summary>Blobs of other repositories, which can be mounted.</summary>
    public HashSet<string> Mountable { get; } = new(StringComparer.Ordinal);

    /// <summary>What comes before the path in a Location.</summary>
    public string Prefix { get; set; } = string.Empty;

    /// <summary>The bytes that came in pieces.</summary>
    public long Received { get; private set; }

    public Reply Serve(RecordedRequest request)
    {
        var (path, key) = (request.Path, request.Path[(request.Path.LastIndexOf('/') + 1)..]);
        var body = Encoding.Latin1.GetBytes(request.Body);
        switch (request.Method)
        {
            case "HEAD":
                return Blobs.TryGetValue(key, out var blob) ? new Reply { Length = blob.Length } : new Reply(404);
            case "POST":
                var query = Uri.UnescapeDataString(request.Target);
                if (Mountable.FirstOrDefault(one => query.Contains($"mount={one}&from=", StringComparison.Ordinal)) is { } mounted)
                {
                    Blobs[mounted] = [];
                    return new Reply(201);
                }

                var id = Guid.NewGuid().ToString("N");
                _uploads[id] = [];
                return At(path + id, 202, 0);
            case "PATCH" when _uploads.TryGetValue(key, out var upload):
                if (request.Header("Content-Range")!.Split('-')[0] != upload.Count.ToString(CultureInfo.InvariantCulture))
                {
                    return At(path, 416, upload.Count);
                }

                Append(key, body);
                return At(path, 202, upload.Count);
            case "GET" when _uploads.TryGetValue(key, out var asked):
                return At(path, 204, asked.Count);
            case "PUT" when path.Contains("/manifests/", StringComparison.Ordinal):
                Manifests[key] = body;
                return new Reply(201).With("Docker-Content-Digest", DigestOf(body));
            case "PUT" when _uploads.TryGetValue(key, out var whole):
                var digest = Uri.UnescapeDataString(request.Target.Split("digest=")[1]);
                Blobs[digest] = DigestOf([.. whole]) == digest ? [.. whole] : throw new InvalidOperationException("wrong bytes were uploaded");
                return new Reply(201).With("Docker-Content-Digest", digest);
            default:
                return Reply.Json("""{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"unknown"}]}""", 404);
        }
    }

    /// <summary>Takes bytes of an upload without an answer to them.</summary>
    public void Append(string upload, byte[] bytes)
    {
        _uploads[upload].AddRange(bytes);
        Received += bytes.Length;
    }

    /// <summary>Forgets all uploads that are under way.</summary>
    public void Forget() => _uploads.Clear();

    public static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private Reply At(string path, int status, int count) => new Reply(status).With("Location", $"{Prefix}{path}?state={ScriptedRegistry.Secret}").With("Range", $"0-{Math.Max(count - 1, 0)}");
}
