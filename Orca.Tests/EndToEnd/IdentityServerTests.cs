using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Servers of Debian, started as official images start them: as root, by an entrypoint that executes itself again as their user.</summary>
[Category("EndToEnd")]
public sealed class IdentityServerTests
{
    private const string Packages = "gosu redis-server postgresql openssh-server openssh-client mariadb-server dbus strace";

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

    private const string PostgresPeers = """
        PATH=$(echo /usr/lib/postgresql/*/bin):$PATH; useradd -m anna; rm -rf /peer; mkdir /peer; chown postgres /peer; chmod 700 /peer
        gosu postgres initdb -D /peer --auth=peer >/dev/null
        gosu postgres postgres -D /peer -k /tmp -p 5498 -c listen_addresses= >/tmp/log 2>&1 & server=$!
        ask() { user=$1; shift; gosu "$user" psql -h /tmp -p 5498 -qAtc "$*" -U "$as" postgres 2>&1 | sed 's/.*FATAL: *//'; }
        as=postgres; for i in $(seq 200); do [ -z "$(ask postgres '')" ] && break; sleep 0.3; done
        ask postgres 'create role anna login; create role root login; select current_user'
        as=anna; ask anna 'select current_user'
        as=root; ask root 'select current_user'
        as=postgres; ask anna 'select 1'; ask root 'select 1'
        kill -TERM $server; wait $server
        """;

    private const string MariaDbPeers = """
        useradd -m bert; mkdir -p /run/mysqld; chown mysql /run/mysqld
        mariadbd-safe --user=mysql --skip-networking >/tmp/log 2>&1 &
        for i in $(seq 200); do mariadb -e '' 2>/dev/null && break; sleep 0.3; done
        mariadb -e 'create or replace user bert identified via unix_socket; select user()' -N
        gosu bert mariadb -Ne 'select user()'
        gosu bert mariadb -u root -Ne 'select user()' 2>&1
        mariadb -u bert -Ne 'select user()' 2>&1
        mariadb-admin shutdown; wait
        """;

    private const string BusPeers = """
        useradd -m cleo; mkdir -p /run/dbus; rm -f /run/dbus/pid; dbus-daemon --system --fork
        cat >/tmp/say <<'E'
        use Socket; socket(my $bus, AF_UNIX, SOCK_STREAM, 0); connect($bus, pack_sockaddr_un("/run/dbus/system_bus_socket")) or die;
        syswrite($bus, "\0AUTH EXTERNAL " . unpack("H*", $ARGV[0]) . "\r\n"); sysread($bus, my $answer, 99); print "$1\n" if $answer =~ /^(\w+)/;
        E
        for who in cleo root; do gosu $who perl /tmp/say $(id -u cleo); gosu $who perl /tmp/say 0; done; kill $(cat /run/dbus/pid)
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

    /// <summary>Owners are remembered: the cluster is its user's where the kernel knows many, and a server that is not its owner would not start.</summary>
    [Test]
    public void Postgres_InAnImageOfItsContainer_ServesInDocker()
    {
        Needs.Root("docker's daemon is root's");
        const string Owners = "stat -c '%U:%G %a' /pg2 /pg2/PG_VERSION /pg2/base /var/lib/redis /run/postgresql /usr/bin/ssh-agent /etc/shadow /home/eve /home/eve/.profile";
        In("useradd -m eve; mkdir /pg2; chown postgres:postgres /pg2; chmod 700 /pg2; gosu postgres $(echo /usr/lib/postgresql/*/bin)/initdb -D /pg2 --auth=trust >/dev/null", 240).Succeeds();
        _home.Shell("\"$orca\" export -o servers.tar servers").Succeeds();
        using var daemon = new DockerDaemon(Path.Combine(World.Root, "docker-servers"));
        daemon.Docker("import", Path.Combine(_home.Directory, "servers.tar"), "servers:1").Run().Succeeds();
        daemon.Docker("run", "--rm", "--network", "none", "servers:1", "sh", "-c", $$"""
            {{Owners}}
            gosu postgres $(echo /usr/lib/postgresql/*/bin)/postgres -D /pg2 -k /tmp -p 5499 -c listen_addresses= >/tmp/log 2>&1 & server=$!
            for i in $(seq 200); do psql -h /tmp -p 5499 -U postgres -c '' >/dev/null 2>&1 && break; sleep 0.3; done
            psql -h /tmp -p 5499 -U postgres -qAtc 'select 6 * 7'; kill -TERM $server; wait $server; echo $?
            """).Run().Prints(
            "postgres:postgres 700\npostgres:postgres 600\npostgres:postgres 700\nredis:redis 750\npostgres:postgres 2775\nroot:_ssh 2755\nroot:shadow 640\neve:eve 755\neve:eve 644\n42\n0");
    }

    [Test]
    public void Sshd_LetsRootAndAUserIn_WithATerminalAndWithout() => In(Sshd, 180).Prints("root not a tty\nroot /dev/pts/\nbob not a tty\nbob /dev/pts/");

    [Test]
    public void Postgres_KnowsItsPeers() => In(PostgresPeers, 240).Prints("""
        postgres
        anna
        root
        Peer authentication failed for user "postgres"
        Peer authentication failed for user "postgres"
        """);

    [Test]
    public void MariaDb_KnowsItsPeers() => In(MariaDbPeers, 240).Prints("""
        root@localhost
        bert@localhost
        ERROR 1698 (28000): Access denied for user 'root'@'localhost'
        ERROR 1698 (28000): Access denied for user 'bert'@'localhost'
        """);

    [Test]
    public void Bus_KnowsItsPeers() => In(BusPeers, 60).Prints("OK\nREJECTED\nREJECTED\nOK");

    /// <summary>Who is traced is not changed, as it has a tracer; users trace their own programs, and root those of its users.</summary>
    [TestCase("strace -o /tmp/trace setpriv --reuid 5 --regid 60 --clear-groups id -u; grep -c 'setresuid(5' /tmp/trace", "0\n1")]
    [TestCase("gosu games strace -qq -o /dev/stdout -e trace=geteuid id -u | tr -s ' '", "geteuid() = 5\n5")]
    [TestCase("gosu games sleep 60 & sleep 1; gosu games timeout 2 strace -p $! 2>&1 | grep -o attached; timeout 2 strace -p $! 2>&1 | grep -o attached; kill $!", "attached\nattached")]
    public void Tracers_AreNotLockedOut(string script, string output) => In(script, 60).Prints(output);

    [TestCase("useradd -m carl; su - carl -c 'id -un; touch f; stat -c %U f; pwd'", "carl\ncarl\n/home/carl")]
    [TestCase("useradd -m dora; runuser -l dora -c 'id -un'; gosu dora id -un", "dora\ndora")]
    [TestCase("perl -e 'chroot \"/\" or die; chdir \"/\"; use POSIX; setgid(33); setuid(33); exec qw(id -un)'", "www-data")]
    public void Root_StartsAUsersProgram(string script, string output) => In(script, 60).Prints(output);

    private Outcome In(string script, double seconds) =>
        _home.Orca(["run", "--name", "servers", "-e", "DEBIAN_FRONTEND=noninteractive", .. PackageManagerTests.Proxies(), World.Debian, "sh", "-c", script]).Within(seconds).Run();
}
