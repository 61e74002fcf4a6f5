using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using Orca.Core.Linux;
using Orca.Registry.Remote.Hosts;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class PortOwnersTests
{
    private const string Head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    [TestCase("0100007F:1389 00000000:0000 0A 0", "", true)]
    [TestCase("0100007F:1389 00000000:0000 0A 106", "", true)]
    [TestCase("0100007F:1389 00000000:0000 0A 1234", "", true)]
    [TestCase("0100007F:1389 00000000:0000 0A 1001", "", false)]
    [TestCase("0100007F:1389 00000000:0000 0A 65534", "", false)]
    [TestCase("0100007F:1389 00000000:0000 0A 0", "00000000000000000000000001000000:1389 00000000000000000000000000000000:0000 0A 1001", false)]
    [TestCase("", "00000000000000000000000000000000:1389 00000000000000000000000000000000:0000 0A 0", true)]
    [TestCase("0100007F:1389 0100007F:9999 01 0", "", false)]
    [TestCase("0100007F:138A 00000000:0000 0A 0", "", false)]
    [TestCase("", "", false)]
    [TestCase("junk", "more junk", false)]
    public void Problem_IsAnotherUsersPort(string four, string six, bool isFine)
    {
        var directory = Directory.CreateTempSubdirectory("orca-ports").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "tcp"), Head + Line(four));
            File.WriteAllText(Path.Combine(directory, "tcp6"), Head + Line(six));
            Assert.That(PortOwners.Problem(5001, 1234, directory), isFine ? Is.Null : Does.Contain("5001"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public void Problem_OfTheKernelsOwnTable_KnowsThisProcess()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.That(PortOwners.Problem(port, CurrentUser.Uid), Is.Null);
        listener.Stop();
        Assert.That(PortOwners.Problem(port, CurrentUser.Uid), Does.Contain("cannot be seen who listens"));
    }

    private static string Line(string entry)
    {
        var fields = entry.Split(' ');
        return fields.Length < 4 ? entry + "\n" : $"   0: {fields[0]} {fields[1]} {fields[2]} 00000000:00000000 00:00000000 00000000 {fields[3],5}        0 4242 1 0000000000000000 100 0 0 10 0\n";
    }
}
