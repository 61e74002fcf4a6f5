using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>kill -9 at random moments of a pull of the development image: it is finished later, and no byte is fetched twice.</summary>
/// <remarks>A few moments here, more in <c>make test-long</c>; <c>ORCA_TEST_TIMES=50</c> tries as many as one likes.</remarks>
[Category("EndToEnd")]
public sealed class PullResumeTests
{
    private const double Tolerance = 1.05;

    [Test]
    [CancelAfter(3_600_000)]
    public void KilledAtRandomMoments_IsFinished_AndNothingIsFetchedTwice()
    {
        var kills = Sampling.Rounds(6);
        var random = Sampling.Random();
        using var proxy = new CountingProxy(5000);
        var image = $"localhost:{proxy.Port}/dev";
        using var home = new Home();

        // How much a pull moves that nobody disturbs, and how long it takes.
        var watch = Stopwatch.StartNew();
        home.Orca("pull", "-q", image).Within(300).Run().Succeeds();
        var (whole, time) = (proxy.Received, watch.Elapsed);
        home.Orca("rmi", image).Run().Succeeds();
        for (var done = 0; done < kills;)
        {
            proxy.Received = 0;
            var inThisPull = random.Next(1, 6);
            for (var i = 0; i < inThisPull && done < kills; i++, done++)
            {
                using var pulling = home.Orca("pull", "-q", image).Start();
                Thread.Sleep(random.NextDouble() * time / inThisPull * 1.2);
                World.Kill("KILL", pulling.Id);
                pulling.Wait();
                Assert.That(home.Orca("system", "check", "--quick").Run().Status, Is.Zero, "the image is absent or whole");
            }

            home.Orca("pull", "-q", image).Within(300).Run().Succeeds();
            Assert.That(proxy.Received, Is.LessThanOrEqualTo(whole * Tolerance), $"bytes fetched, after {done} kills");
            Assert.That(home.Orca("system", "check").Within(120).Run().Output, Does.EndWith("all sound\n"));
            home.Orca("rmi", image).Run().Succeeds();
            Assert.That(home.Orca("prune").Run().Succeeds().Output, Does.Not.Contain("fetched layer"), "the parts went with the pull");
        }

        TestContext.Out.WriteLine($"{kills} kills; a whole pull is {whole} bytes");
    }

    /// <summary>Passes connections on to a port of this machine and counts what comes back.</summary>
    private sealed class CountingProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly int _target;
        private long _received;

        public CountingProxy(int target)
        {
            _target = target;
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public long Received
        {
            get => Interlocked.Read(ref _received);
            set => Interlocked.Exchange(ref _received, value);
        }

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
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using (client)
            using (var server = new TcpClient())
            {
                try
                {
                    // Small buffers: what lies in them when the client dies was sent, and not received.
                    client.SendBufferSize = 64 * 1024;
                    server.ReceiveBufferSize = 64 * 1024;
                    await server.ConnectAsync(IPAddress.Loopback, _target);
                    await Task.WhenAny(CopyAsync(client.GetStream(), server.GetStream(), counts: false), CopyAsync(server.GetStream(), client.GetStream(), counts: true));
                }
                catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
                {
                }
            }
        }

        private async Task CopyAsync(NetworkStream from, NetworkStream to, bool counts)
        {
            var buffer = new byte[16 * 1024];
            for (int count; (count = await from.ReadAsync(buffer)) > 0;)
            {
                await to.WriteAsync(buffer.AsMemory(0, count));
                if (counts)
                {
                    Interlocked.Add(ref _received, count);
                }
            }
        }
    }
}
