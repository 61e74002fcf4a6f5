using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orca.Tests.Fixtures;

/// <summary>A proxy that speaks HTTP CONNECT and SOCKS 5, sends every tunnel to one port of this machine, and remembers what it was asked.</summary>
internal sealed class TunnelProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;

    public TunnelProxy(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary><c>HOST:PORT</c> and the login that came with it.</summary>
    public ConcurrentQueue<(string Target, string Login)> Asked { get; } = new();

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        try
        {
            var stream = client.GetStream();
            var first = (await ReadAsync(stream, 1))[0];
            await (first == 5 ? GreetSocksAsync(stream) : GreetHttpAsync(stream, first));
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(stream.CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(stream));
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // One side went away.
        }
    }

    private async Task GreetHttpAsync(NetworkStream stream, byte first)
    {
        var head = ((char)first).ToString();
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head += (char)(await ReadAsync(stream, 1))[0];
        }

        var login = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Proxy-Authorization: Basic ", StringComparison.OrdinalIgnoreCase));
        if (login is null && head.Contains("needs-login", StringComparison.Ordinal))
        {
            await stream.WriteAsync("HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            await GreetHttpAsync(stream, (await ReadAsync(stream, 1))[0]);
            return;
        }

        Asked.Enqueue((head.Split(' ')[1], login is null ? "" : Encoding.UTF8.GetString(Convert.FromBase64String(login.Split(' ')[2]))));
        await stream.WriteAsync("HTTP/1.1 200 Go\r\n\r\n"u8.ToArray());
    }

    private async Task GreetSocksAsync(NetworkStream stream)
    {
        var methods = await ReadAsync(stream, (await ReadAsync(stream, 1))[0]);
        var login = "";
        if (methods.Contains((byte)2))
        {
            await stream.WriteAsync(new byte[] { 5, 2 });
            await ReadAsync(stream, 1);
            var user = Encoding.UTF8.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0]));
            login = user + ":" + Encoding.UTF8.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0]));
            await stream.WriteAsync(new byte[] { 1, 0 });
        }
        else
        {
            await stream.WriteAsync(new byte[] { 5, 0 });
        }

        var kind = (await ReadAsync(stream, 4))[3];
        var host = kind == 3 ? Encoding.ASCII.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0])) : new IPAddress(await ReadAsync(stream, kind == 1 ? 4 : 16)).ToString();
        var port = await ReadAsync(stream, 2);
        Asked.Enqueue((string.Create(CultureInfo.InvariantCulture, $"{host}:{(port[0] << 8) + port[1]}"), login));
        await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 });
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
