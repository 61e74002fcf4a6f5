using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>What stands for a unit of systemd: streams that are sockets, no terminal, a session of its own, few variables, a /tmp of its own, no new privileges.</summary>
[Category("EndToEnd")]
public sealed class UnitTests
{
    [OneTimeSetUp]
    public void Pull() => World.Orca("pull", World.Busybox).Succeeds();

    [Test]
    public void LogLinks_OfAServersImage_Work()
    {
        Needs.Root("a unit has a mount namespace");
        World.Shared.Write("served", $"exec \"$orca\" run {World.Busybox} sh -c 'ln -s /dev/stdout /tmp/access.log; ln -s /dev/stderr /tmp/error.log; echo access >> /tmp/access.log; echo error >> /tmp/error.log; test -t 0 || echo none; id -u'");
        Unit("socat -t 60 - EXEC:'sh served',stderr").Prints("access\nerror\nnone\n0");
    }

    /// <summary>A unit without User= has no HOME, nor has one of a dynamic user.</summary>
    [Test]
    public void WithoutHome_TheStoreIsNamed()
    {
        Needs.Root("a unit has a mount namespace");
        Unit($"env -u HOME \"$orca\" --root \"$HOME/.local/share/orca\" run {World.Busybox} echo ran").Prints("ran");
    }

    /// <summary>As systemctl stop: the main process gets SIGTERM, and has ended the container when it ends.</summary>
    [Test]
    public void Stop_EndsTheContainer()
    {
        Needs.Root("a unit has a mount namespace");
        Unit($"\"$orca\" run --name unit {World.Busybox} sh -c 'trap \"echo stopped; exit 3\" TERM; echo up > /up; while :; do sleep 0.1; done' & main=$!; "
            + "until test -f \"$HOME/.local/share/orca/containers/unit/upper/up\"; do sleep 0.05; done; kill $main; wait $main; echo $?; \"$orca\" ps -q; \"$orca\" rm unit").Prints("stopped\n3\nunit");
    }

    private static Outcome Unit(string script)
    {
        var home = World.Shared.Directory;
        return World.Tool(
            "unshare", "-m", "--propagation", "slave", "setsid", "--wait", "sh", "-c", "mount -t tmpfs -o mode=1777 private /tmp && cd \"$0\" && exec \"$@\"", home,
            "setpriv", "--reuid", World.User, "--regid", World.User, "--clear-groups", "--no-new-privs", "--bounding-set", "-all", "--",
            "env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", $"HOME={home}", "LANG=C.UTF-8", "INVOCATION_ID=0123456789abcdef0123456789abcdef", "JOURNAL_STREAM=8:1", "SYSTEMD_EXEC_PID=1", $"orca={World.Binary}", "sh", "-c", script);
    }
}
