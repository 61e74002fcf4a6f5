using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>An http server on a free port of loopback, under both names, that answers as it is told and remembers what it was asked.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private static readonly HttpClient s_client = new();
    private readonly HttpListener _listener = new();

    public LoopbackServer(Action<HttpListenerContext> answer)
    {
        Port = FreePort();
        _listener.Prefixes.Add($"http://localhost:{Port}/");
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        new Thread(() => Serve(answer)) { IsBackground = true }.Start();
    }

    public int Port { get; }

    /// <summary>Each request: its method and path, then its Authorization header or "-".</summary>
    public ConcurrentQueue<(string Request, string Authorization)> Seen { get; } = new();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Answers with what the real registry answers to the same request, without its Authorization.</summary>
    public static void Pass(HttpListenerContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), $"http://{World.Registry}{context.Request.RawUrl}");
        foreach (var name in (string[])["Accept", "Range"])
        {
            if (context.Request.Headers[name] is { } value)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = s_client.Send(request, HttpCompletionOption.ResponseHeadersRead);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            if (name is "Docker-Content-Digest" or "Docker-Distribution-Api-Version" or "Content-Type" or "Content-Range")
            {
                context.Response.Headers[name] = string.Join(", ", values);
            }
        }

        context.Response.ContentLength64 = response.Content.Headers.ContentLength ?? 0;
        if (context.Request.HttpMethod != "HEAD")
        {
            response.Content.ReadAsStream().CopyTo(context.Response.OutputStream);
        }
    }

    public void Dispose() => _listener.Close();

    private void Serve(Action<HttpListenerContext> answer)
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = _listener.GetContext();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Seen.Enqueue((context.Request.HttpMethod + " " + context.Request.RawUrl, context.Request.Headers["Authorization"] ?? "-"));
            ThreadPool.QueueUserWorkItem(_ => Answer(answer, context));
        }
    }

    private static void Answer(Action<HttpListenerContext> answer, HttpListenerContext context)
    {
        try
        {
            answer(context);
            context.Response.Close();
        }
        catch (Exception error) when (error is IOException or HttpListenerException or HttpRequestException or ObjectDisposedException)
        {
            TestContext.Progress.WriteLine($"the loopback server gave up on a request: {error.Message}");
            context.Response.Abort();
        }
    }
}
