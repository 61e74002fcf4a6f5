using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Orca.Tests.Fixtures;

/// <summary>One request as it came over the wire.</summary>
internal sealed record RecordedRequest(ScriptedServer Server, string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Raw)
{
    public string Body { get; init; } = string.Empty;

    public string Path => Target.Split('?', 2)[0];

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

/// <summary>What a scripted server does with one request; the defaults are a well-behaved answer.</summary>
internal sealed record Reply(int Status = 200)
{
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public byte[] Body { get; init; } = [];

    /// <summary>The Content-Length header; null for the truth, negative for none.</summary>
    public long? Length { get; init; }

    /// <summary>How many bytes of the body are sent before the connection ends.</summary>
    public int? CloseAt { get; init; }

    /// <summary>End with a reset instead of an orderly close.</summary>
    public bool Reset { get; init; }

    /// <summary>Send the body over and over.</summary>
    public bool Endless { get; init; }

    /// <summary>Say nothing more after the bytes of <see cref="CloseAt"/> (or at all), and keep the connection open.</summary>
    public bool Silent { get; init; }

    /// <summary>Send the body byte by byte, with a little time in between.</summary>
    public bool Dribbles { get; init; }

    /// <summary>These bytes instead of an answer.</summary>
    public byte[]? Raw { get; init; }

    public Reply With(string name, string value) => this with { Headers = [.. Headers, (name, value)] };

    public static Reply Json(string json, int status = 200) => new(status) { Headers = [("Content-Type", "application/json")], Body = Encoding.UTF8.GetBytes(json) };
}

/// <summary>An HTTP server on a raw socket that can misbehave in every way, and remembers all it was told.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly X509Certificate2? _certificate;
    private readonly Func<RecordedRequest, Reply> _script;
    private readonly CancellationTokenSource _stop = new();
    private long _bytesSent;

    public ScriptedServer(Func<RecordedRequest, Reply> script, X509Certificate2? certificate = null, string address = "127.0.0.1")
    {
        (_script, _certificate) = (script, certificate);
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentQueue<RecordedRequest> Requests { get; } = new();

    /// <summary>Bytes that came and were not HTTP, such as a TLS greeting.</summary>
    public ConcurrentQueue<byte[]> Garbage { get; } = new();

    /// <summary>Stay silent instead of closing when something else than HTTP comes.</summary>
    public bool IgnoresGarbage { get; set; }

    /// <summary>How long each connection waits before it is served.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Demand a certificate of the client, and remember whose it is.</summary>
    public bool AsksForCertificates { get; set; }

    public ConcurrentQueue<string> ClientCertificates { get; } = new();

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private bool Remember(X509Certificate? certificate)
    {
        ClientCertificates.Enqueue(certificate?.Subject ?? "none");
        return certificate is not null;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        client.NoDelay = true;
        try
        {
            Stream stream = client.GetStream();
            await Task.Delay(Delay, _stop.Token);
            if (_certificate is not null)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificate = _certificate,
                        ClientCertificateRequired = AsksForCertificates,
                        RemoteCertificateValidationCallback = (_, certificate, _, _) => !AsksForCertificates || Remember(certificate),
                    },
                    _stop.Token);
                stream = tls;
            }

            await using (stream)
            {
                while (await ReadRequestAsync(stream) is { } request && await AnswerAsync(client, stream, _script(request)))
                {
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, as it may.
        }
    }

    private async Task<RecordedRequest?> ReadRequestAsync(Stream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!Encoding.Latin1.GetString([.. head.TakeLast(4)]).EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                return null;
            }

            head.Add(one[0]);
            if (!char.IsAscii((char)head[0]) || char.IsControl((char)head[0]))
            {
                Garbage.Enqueue([.. head]);
                if (IgnoresGarbage)
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }

                return null;
            }
        }

        var raw = Encoding.Latin1.GetString([.. head]);
        var lines = raw.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var words = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _stop.Token);
        var request = new RecordedRequest(this, words[0], words[1], headers, raw) { Body = Encoding.Latin1.GetString(body) };
        Requests.Enqueue(request);
        return request;
    }

    private async Task<bool> AnswerAsync(TcpClient client, Stream stream, Reply reply)
    {
        if (reply.Raw is not null)
        {
            await stream.WriteAsync(reply.Raw, _stop.Token);
            return false;
        }

        if (reply is { Silent: true, CloseAt: null })
        {
            await Task.Delay(Timeout.Infinite, _stop.Token);
        }

        var length = reply.Endless ? -1 : reply.Length ?? reply.Body.Length;
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {reply.Status} Scripted\r\n");
        foreach (var (name, value) in reply.Headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        head.Append(length >= 0 ? $"Content-Length: {length}\r\n" : "Connection: close\r\n").Append("\r\n");
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.ToString()), _stop.Token);
        var sent = reply.Body.AsMemory(0, reply.CloseAt ?? reply.Body.Length);
        do
        {
            for (var at = 0; at < sent.Length && reply.Dribbles; at++)
            {
                await stream.WriteAsync(sent[at..(at + 1)], _stop.Token);
                await Task.Delay(1, _stop.Token);
            }

            await stream.WriteAsync(reply.Dribbles ? default : sent, _stop.Token);
            Interlocked.Add(ref _bytesSent, reply.Body.Length);
        }
        while (reply.Endless);

        await stream.FlushAsync(_stop.Token);
        if (reply.Silent)
        {
            await Task.Delay(Timeout.Infinite, _stop.Token);
        }

        if (reply.Reset)
        {
            client.Client.LingerState = new LingerOption(true, 0);
            client.Client.Close();
        }

        return length >= 0 && reply.CloseAt is null && !reply.Reset;
    }
}
