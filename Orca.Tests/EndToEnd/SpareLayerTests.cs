using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A writable layer that a container left untouched serves the next one; who was handed its root must not write into that.</summary>
[Category("EndToEnd")]
public sealed class SpareLayerTests
{
    private const string Receiver = """
        import socket, array, os, time
        server = socket.socket(socket.AF_UNIX); server.bind('\0orca-spare'); server.listen(1)
        print('ready', flush=True)
        peer, _ = server.accept()
        root = array.array('i', peer.recvmsg(1, socket.CMSG_SPACE(4))[1][0][2])[0]
        peer.close(); time.sleep(3)
        try:
            os.open('planted', os.O_CREAT | os.O_WRONLY, dir_fd=root); print('planted')
        except FileNotFoundError:
            print('nowhere')
        """;

    private const string Sender = """
        import socket, array, os, time
        for attempt in range(200):
            try:
                peer = socket.socket(socket.AF_UNIX); peer.connect('\0orca-spare'); break
            except OSError:
                time.sleep(0.1)
        peer.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [os.open('/', os.O_RDONLY)]))]); peer.recv(1)
        """;

    [Test]
    public void RootOfAnEndedContainer_InAnothersHands_IsNotTheNextContainers()
    {
        using var home = new Home();
        home.Orca("pull", "-q", World.Dev).Within(240).Run().Succeeds();
        using var receiver = home.Orca("run", "--entrypoint", "python3", World.Dev, "-c", Receiver).Start();
        home.Orca("run", "--entrypoint", "python3", World.Dev, "-c", Sender).Run().Succeeds();
        Assert.That(home.Orca("run", World.Dev, "sleep 5; ls /").Run().Succeeds().Output, Does.Contain("etc").And.Not.Contain("planted"));
        Assert.That(receiver.Wait(60).Succeeds().Output, Does.EndWith("nowhere\n"));
    }
}
