using System.Net;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Remote;

/// <summary>Whether a registry of this machine speaks TLS is decided by what it answers, however long it takes.</summary>
[TestFixture, Parallelizable(ParallelScope.All)]
public sealed class RegistryOriginTests
{
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(4);

    /// <summary>As on an emulated board: each connection waits before the handshake, or before the answer.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public async Task SlowRegistry_IsAskedAsItSpeaks(bool tls)
    {
        using var registry = new ScriptedRegistry(tls, localTls: tls);
        registry.Registry.Delay = s_slow;
        registry.Registry.IgnoresGarbage = true;
        var image = registry.AddImage();
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
    }

    /// <summary>The server says in the clear that it wants TLS, and is slow in speaking it.</summary>
    [TestCase("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")]
    [TestCase("HTTP/1.1 400 Bad Request\r\nContent-Length: 47\r\n\r\nThe plain HTTP request was sent to HTTPS port\r\n")]
    [TestCase("\u0015\u0003\u0001\u0000\u0002\u0002\u0046")] // an alert of TLS
    [TestCase("")]
    public async Task RegistryThatAsksForTls_IsNotSpokenToInTheClear(string answer) => Assert.That(await FailureOf(answer), Does.Contain("GET https://localhost:"));

    [TestCase("HTTP/1.0 400 Bad Request\r\n\r\nwhat?\n")]
    [TestCase("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")]
    public async Task RegistryThatAnswersInTheClear_IsAskedSo(string answer) => Assert.That(await FailureOf(answer), Does.Contain("GET http://localhost:"));

    /// <summary>A server that answers in the clear with the text and closes; a handshake is begun, and broken off late.</summary>
    private static async Task<string> FailureOf(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var end = new CancellationTokenSource();
        var serving = ServeAsync(listener, Encoding.Latin1.GetBytes(answer), end.Token);
        using var registry = new ScriptedRegistry(tls: false);
        registry.Redial("localhost", ((IPEndPoint)listener.LocalEndpoint).Port);
        var failure = (await registry.ResolveAsync().ContinueWith(static task => task.Exception?.InnerException, TaskScheduler.Default)) as OrcaException;
        await end.CancelAsync();
        await serving;
        return failure?.Message ?? "it was resolved";
    }

    private static async Task ServeAsync(TcpListener listener, byte[] answer, CancellationToken end)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptTcpClientAsync(end), answer, end);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static async Task AnswerAsync(TcpClient client, byte[] answer, CancellationToken end)
    {
        using var owned = client;
        try
        {
            var greeting = new byte[4096];
            var stream = client.GetStream();
            await stream.ReadAtLeastAsync(greeting, 1, throwOnEndOfStream: false, end);
            if (greeting[0] == 0x16) // a handshake: the server's half begins, and a record that no client takes follows
            {
                await Task.Delay(2500, end);
                await stream.WriteAsync((byte[])[0x15, 3, 3, 0, 2, 2, 80], end); // alert: internal error
                return;
            }

            await stream.WriteAsync(answer, end);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client went away, as it may.
        }
    }
}
