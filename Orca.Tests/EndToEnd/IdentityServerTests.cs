using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Servers of Debian, started as official images start them: as root, by an entrypoint that executes itself again as their user.</summary>
[Category("EndToEnd")]
public sealed class IdentityServerTests
{
    private const string Packages = "gosu redis-server postgresql openssh-server openssh-client";

    private const string Redis = """
        #!/bin/sh
        set -e
        if [ "$(id -u)" = 0 ]; then
          mkdir -p /data; find /data ! -user redis -exec chown redis '{}' +; exec gosu redis "$0" "$@"
        fi
        cd /data; id -un >who; exec redis-server --port 0 --unixsocket /tmp/redis.sock
        """;

    private const string Postgres = """
        #!/bin/bash
        set -e
        PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
        if [ "$(id -u)" = 0 ]; then
          mkdir -p /pg; chown -R postgres /pg; chmod 700 /pg; exec gosu postgres "$0" "$@"
        fi
        [ -s /pg/PG_VERSION ] || initdb -D /pg --auth=trust >/dev/null
        exec postgres -D /pg -k /tmp -p 5499 -c listen_addresses=
        """;

    private const string Sshd = """
        mkdir -p /run/sshd /s; cd /s; useradd -m -s /bin/bash -p '*' bob; usermod -p '*' root
        for key in id host; do ssh-keygen -q -t ed25519 -N '' -f $key; done; cp id.pub keys; chmod 644 keys; chmod 755 /s
        /usr/sbin/sshd -p 2297 -h /s/host -E /s/log -o UsePAM=no -o StrictModes=no -o PidFile=none -o PermitRootLogin=yes -o AuthorizedKeysFile=/s/keys
        for user in root bob; do
          for terminal in -T -tt; do
            for i in 1 2 3 4 5 6 7 8 9; do
              ssh -F none $terminal -p 2297 -i id -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
                $user@127.0.0.1 'echo $(id -un) $(tty | sed s/[0-9]//g)' </dev/null 2>/dev/null && break; sleep 1
            done
          done
        done | tr -d '\r'
        """;

    private Home _home = null!;

    [OneTimeSetUp]
    public void Install()
    {
        _home = new Home("servers");
        In($"apt-get update -q && apt-get install -y -q --no-install-recommends {Packages}", 1800).Succeeds();
    }

    [OneTimeTearDown]
    public void Remove() => _home.Dispose();

    [Test]
    public void Redis_ServesAsItsUser_AndEndsWithItsOwnStatus() => In($$"""
        cat >/entry <<'E'
        {{Redis}}
        E
        chmod 755 /entry; /entry >/tmp/log 2>&1 & server=$!
        for i in $(seq 100); do redis-cli -s /tmp/redis.sock ping >/dev/null 2>&1 && break; sleep 0.2; done
        redis-cli -s /tmp/redis.sock set a 42 >/dev/null; redis-cli -s /tmp/redis.sock get a; cat /data/who
        kill -TERM $server; wait $server; echo $?
        """, 120).Prints("42\nredis\n0");

    [Test]
    public void Postgres_MakesItsClusterAsItsUser_Serves_AndEndsWithItsOwnStatus() => In($$"""
        cat >/entry <<'E'
        {{Postgres}}
        E
        chmod 755 /entry; /entry >/tmp/log 2>&1 & server=$!
        for i in $(seq 200); do psql -h /tmp -p 5499 -U postgres -c '' >/dev/null 2>&1 && break; sleep 0.3; done
        psql -h /tmp -p 5499 -U postgres -qAtc 'create table t (a int); insert into t values (42); select a from t'
        kill -TERM $server; wait $server; echo $?
        """, 240).Prints("42\n0");

    [Test]
    public void Sshd_LetsRootAndAUserIn_WithATerminalAndWithout() => In(Sshd, 180).Prints("root not a tty\nroot /dev/pts/\nbob not a tty\nbob /dev/pts/");

    [TestCase("useradd -m carl; su - carl -c 'id -un; touch f; stat -c %U f; pwd'", "carl\ncarl\n/home/carl")]
    [TestCase("useradd -m dora; runuser -l dora -c 'id -un'; gosu dora id -un", "dora\ndora")]
    [TestCase("perl -e 'chroot \"/\" or die; chdir \"/\"; use POSIX; setgid(33); setuid(33); exec qw(id -un)'", "www-data")]
    public void Root_StartsAUsersProgram(string script, string output) => In(script, 60).Prints(output);

    private Outcome In(string script, double seconds) =>
        _home.Orca(["run", "--name", "servers", "-e", "DEBIAN_FRONTEND=noninteractive", .. PackageManagerTests.Proxies(), World.Debian, "sh", "-c", script]).Within(seconds).Run();
}
