using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Registry.Remote;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;

namespace Orca.Tests.Fixtures;

/// <summary>A registry, its token server and its content network, each a <see cref="ScriptedServer"/> with a name that only the client under test resolves.</summary>
/// <remarks>
/// Over TLS the names are <c>registry.test</c>, <c>auth.test</c> and <c>cdn.test</c>, all on port 443, so that the rules for public hosts apply.
/// Without TLS the registry is <c>localhost:PORT</c>. Scripts run before the normal behaviour; null means: behave.
/// </remarks>
internal sealed class ScriptedRegistry : IDisposable
{
    public const string Secret = "CANARYSECRET";

    private static readonly (X509Certificate2 Authority, X509Certificate2 Server) Certificates = Certificate.Make();

    private readonly Dictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string MediaType, byte[] Bytes)> _manifests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _names = new(StringComparer.OrdinalIgnoreCase);
    private SessionCatalog? _sessions;
    private RegistryClient? _client;

    /// <param name="tls">Over TLS, with public names.</param>
    /// <param name="certificate">The servers' certificate; null for one that is trusted.</param>
    /// <param name="localTls">Over TLS, but as <c>localhost:PORT</c>.</param>
    public ScriptedRegistry(bool tls = true, X509Certificate2? certificate = null, bool localTls = false)
    {
        var server = tls ? certificate ?? Certificates.Server : null;
        Registry = new ScriptedServer(request => OnRegistry?.Invoke(request) ?? Serve(request), server);
        Auth = new ScriptedServer(request => OnAuth?.Invoke(request) ?? Reply.Json($$"""{"token":"{{Token}}"}"""), server);
        Cdn = new ScriptedServer(request => OnCdn?.Invoke(request) ?? Serve(request), server);
        Name = tls && !localTls ? "registry.test" : $"localhost:{Registry.Port}";
        (_names["registry.test"], _names["auth.test"], _names["cdn.test"]) = (Registry.Port, Auth.Port, Cdn.Port);
    }

    public string Name { get; }

    public ScriptedServer Registry { get; }

    public ScriptedServer Auth { get; }

    public ScriptedServer Cdn { get; }

    public string Token { get; set; } = Secret + "-token";

    public Credential? Login { get; set; }

    public SkippingTime Time { get; } = new();

    public ProxyRules? Proxy { get; set; }

    /// <summary>What registries.conf says.</summary>
    public RegistriesPolicy Policy { get; set; } = new();

    /// <summary>What --tls-verify says.</summary>
    public bool? Verifies { get; set; }

    /// <summary>What certs.d says of a host.</summary>
    public Func<Uri, CertificateDirectory?> CertificatesOf { get; set; } = static _ => null;

    /// <summary>Why a port of this machine is not trusted with a login.</summary>
    public Func<int, string?> PortProblem { get; set; } = static port => PortOwners.Problem(port, CurrentUser.Uid);

    public List<string> Log { get; } = [];

    public List<string> Notes { get; } = [];

    public Func<RecordedRequest, Reply?>? OnRegistry { get; set; }

    public Func<RecordedRequest, Reply?>? OnAuth { get; set; }

    public Func<RecordedRequest, Reply?>? OnCdn { get; set; }

    public X509Certificate2 Trusted { get; set; } = Certificates.Authority;

    public SessionCatalog Sessions
    {
        get
        {
            var insecure = new InsecureHosts(all: Verifies == false);
            return _sessions ??= new SessionCatalog(
                new OneLogin(this), insecure, new LoginRules(insecure, port => PortProblem(port)), () => new HostHandlers(insecure, uri => CertificatesOf(uri), Handler), Time, Note, new ListLogger(Log));
        }
    }

    public RegistryClient Client => _client ??= new RegistryClient(Sessions, new Lazy<RegistriesPolicy>(() => Policy), Verifies, Time, new ListLogger(Log));

    public ImageReference Reference(string rest = "app:1") => ImageReference.Parse($"{Name}/{rest}");

    public Task<ImageContent> ResolveAsync(string rest = "app:1", Platform? platform = null, CancellationToken cancellationToken = default) =>
        Client.ResolveAsync(Reference(rest), platform ?? new Platform("linux", "amd64"), cancellationToken);

    public async Task<byte[]> ReadBlobAsync(Descriptor blob, long offset = 0, CancellationToken cancellationToken = default)
    {
        await using var stream = await Client.OpenBlobAsync(Reference(), blob, offset, cancellationToken);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, 10_000, cancellationToken);
        return copy.ToArray();
    }

    public Descriptor AddBlob(byte[] bytes, string mediaType = MediaTypes.OciLayer)
    {
        var digest = Digest.OfSha256(SHA256.HashData(bytes));
        _blobs[digest.ToString()] = bytes;
        return new Descriptor { MediaType = mediaType, Digest = digest, Size = bytes.Length };
    }

    /// <summary>Serves a document under a tag and under its digest.</summary>
    public Descriptor AddManifest(string json, string mediaType = MediaTypes.OciManifest, string? tag = "1")
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var digest = Digest.OfSha256(SHA256.HashData(bytes));
        _manifests[digest.ToString()] = (mediaType, bytes);
        if (tag is not null)
        {
            _manifests[tag] = (mediaType, bytes);
        }

        return new Descriptor { MediaType = mediaType, Digest = digest, Size = bytes.Length };
    }

    /// <summary>An image of one layer.</summary>
    public Descriptor AddImage(string architecture = "amd64", string? tag = "1", int diffIds = 1)
    {
        var layer = AddBlob(Encoding.UTF8.GetBytes("layer of " + architecture));
        var ids = string.Join(',', Enumerable.Repeat($"\"{layer.Digest}\"", diffIds));
        var config = AddBlob(Encoding.UTF8.GetBytes($$"""{"os":"linux","architecture":"{{architecture}}","rootfs":{"type":"layers","diff_ids":[{{ids}}]} }"""), MediaTypes.OciConfig);
        return AddManifest($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Json(config)}},"layers":[{{Json(layer)}}]}""", tag: tag);
    }

    public static string Json(Descriptor descriptor, string? platform = null) =>
        $$"""{"mediaType":"{{descriptor.MediaType}}","digest":"{{descriptor.Digest}}","size":{{descriptor.Size}}{{(platform is null ? "" : ",\"platform\":" + platform)}}}""";

    public static string Index(params IEnumerable<string> entries) => $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{string.Join(',', entries)}}]}""";

    /// <summary>Demands a token of the auth server for everything.</summary>
    public void RequireToken(string? challenge = null)
    {
        var header = challenge ?? """Bearer realm="https://auth.test/token",service="registry.test",scope="repository:app:pull" """;
        OnRegistry = request => request.Header("Authorization") == $"Bearer {Token}" ? null : new Reply(401).With("WWW-Authenticate", header);
    }

    /// <summary>Sends blobs to the content network.</summary>
    public void RedirectBlobs(string query = "?signature=" + Secret)
    {
        var inner = OnRegistry;
        OnRegistry = request => inner?.Invoke(request) is { } reply ? reply
            : request.Path.Contains("/blobs/", StringComparison.Ordinal) ? new Reply(307).With("Location", $"https://cdn.test{request.Path}{query}") : null;
    }

    /// <summary>Makes a name lead to another port.</summary>
    public void Redial(string name, int port) => _names[name] = port;

    public Reply Serve(RecordedRequest request) => Serve(request.Path, request.Header("Range"));

    public Reply Serve(string path, string? range = null)
    {
        var key = path[(path.LastIndexOf('/') + 1)..];
        if (path.Contains("/manifests/", StringComparison.Ordinal) && _manifests.TryGetValue(key, out var manifest))
        {
            return new Reply { Body = manifest.Bytes }.With("Content-Type", manifest.MediaType);
        }

        if (!path.Contains("/blobs/", StringComparison.Ordinal) || !_blobs.TryGetValue(key, out var blob))
        {
            return Reply.Json("""{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}""", 404);
        }

        if (range is null)
        {
            return new Reply { Body = blob };
        }

        var from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return new Reply(206) { Body = blob[from..] }.With("Content-Range", $"bytes {from}-{blob.Length - 1}/{blob.Length}");
    }

    public void Dispose()
    {
        _sessions?.Dispose();
        Registry.Dispose();
        Auth.Dispose();
        Cdn.Dispose();
    }

    private void Note(string note)
    {
        lock (Notes)
        {
            Notes.Add(note);
        }
    }

    private SocketsHttpHandler Handler(CertificateDirectory? certificates, bool isInsecure)
    {
        var handler = RegistryHandler.Create(Proxy, certificates, isInsecure);
        handler.UseProxy = Proxy is not null;
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(Trusted);
        var dial = handler.ConnectCallback!;
        handler.ConnectCallback = async (context, token) =>
        {
            if (!_names.TryGetValue(context.DnsEndPoint.Host, out var port))
            {
                return await dial(context, token);
            }

            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, token);
            return new NetworkStream(socket, ownsSocket: true);
        };
        return handler;
    }

    private sealed class OneLogin(ScriptedRegistry owner) : ICredentialSource
    {
        public ValueTask<Credential?> FindAsync(string registry, string repository, CancellationToken cancellationToken) =>
            new(registry == owner.Name ? owner.Login : null);
    }

    private sealed class ListLogger(List<string> lines) : ILogger<RegistryClient>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
            {
                lines.Add(formatter(state, exception));
            }
        }
    }
}
