using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orca.Core.Images;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>A registry that boards reach as registry.board: an image 'app:1' for arm64, whose layer is the busybox that boards have, and on demand 'app:big', which has 40 MB more.</summary>
internal sealed class BoardRegistry : IDisposable
{
    private static readonly (X509Certificate2 Authority, X509Certificate2 Server) s_certificates = Certificate.Make(names: BoardChecks.Host);
    private static readonly HeaderFields s_executable = new() { Mode = TarBuilder.Octal(0x1ED, 8) };
    private readonly ScriptedRegistry _registry;

    /// <param name="tls">Over TLS, with a certificate of <see cref="Authority"/>.</param>
    /// <param name="filler">So many bytes that nothing compresses lie in the image beside busybox.</param>
    /// <param name="withBig">There is an image 'app:big'.</param>
    public BoardRegistry(bool tls, int filler = 0, bool withBig = false)
    {
        _registry = new ScriptedRegistry(tls, tls ? s_certificates.Server : null);
        if (withBig)
        {
            Add("big", 40 << 20); // who holds it in memory has more than boards are to give
        }

        Layer = Add("1", filler);
    }

    private Descriptor Add(string tag, int filler)
    {
        var archive = new TarBuilder().Dir("bin/").Entry('0', "bin/busybox", File.ReadAllBytes(BoardParts.Busybox), s_executable)
            .Link("bin/sh", "busybox").Link("bin/echo", "busybox").Entry('0', "filler", RandomNumberGenerator.GetBytes(filler), s_executable).Build();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(archive);
        }

        var layer = _registry.AddBlob(packed.ToArray(), MediaTypes.OciLayerGzip);
        var diffId = TestImage.DigestOf(archive);
        var config = _registry.AddBlob(
            Encoding.UTF8.GetBytes($$$"""{"os":"linux","architecture":"arm64","config":{"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["{{{diffId}}}"]}}"""), MediaTypes.OciConfig);
        _registry.AddManifest(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{ScriptedRegistry.Json(config)}},"layers":[{{ScriptedRegistry.Json(layer)}}]}""", tag: tag);
        return layer;
    }

    public static string Authority => s_certificates.Authority.ExportCertificatePem();

    public Descriptor Layer { get; }

    /// <summary>The option of board.sh that leads a port of registry.board here.</summary>
    public string[] Forward(int port) => ["--forward", $"{port}:{_registry.Registry.Port}"];

    /// <summary>How many bytes of the layer were sent to whom had how many already: one line for each request.</summary>
    public IEnumerable<string> Ranges => _registry.Registry.Requests.Where(request => request.Path.EndsWith(Layer.Digest.ToString(), StringComparison.Ordinal))
        .Select(static request => request.Header("Range") ?? "all");

    /// <summary>From now on no more than the first bytes of the layer are sent, and then nothing: the connection stays open.</summary>
    public void StopAfter(int bytes) => _registry.OnRegistry = request =>
    {
        if (!request.Path.EndsWith(Layer.Digest.ToString(), StringComparison.Ordinal))
        {
            return null;
        }

        var reply = _registry.Serve(request);
        return reply.Body.Length > Layer.Size - bytes ? reply with { CloseAt = (int)(reply.Body.Length - (Layer.Size - bytes)), Silent = true } : reply with { CloseAt = 0, Silent = true };
    };

    /// <summary>From now on everything is sent.</summary>
    public void GoOn() => _registry.OnRegistry = null;

    public void Dispose() => _registry.Dispose();
}
