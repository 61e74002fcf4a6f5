using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Programs that give up root in their own way, from an image of Debian's packages: each starts, does a piece of work as its user, and ends by SIGTERM with its own status.</summary>
[Category("EndToEnd")]
public sealed class ServerProgramTests
{
    /// <summary><c>users NAME</c> says as whom the processes of that name run, by the ids of their own namespace, with how many capabilities; <c>stop PID</c> ends one.</summary>
    private const string Library = """
        cd /tmp
        wait_for() { for i in $(seq 150); do sh -c "$1" >/dev/null 2>&1 && return; sleep 0.2; done; echo "not up: $1"; }
        users() {
          for process in $(pgrep -x "$1"); do
            user=$(awk '$3 == 1 { print $1 }' /proc/$process/uid_map); space=$(readlink /proc/$process/ns/user)
            [ "$space" != "$(readlink /proc/self/ns/user)" ] || user=0
            echo "$(getent passwd "$user" | cut -d: -f1) $(grep -c 'CapEff:.0000000000000000' /proc/$process/status)"
          done | sort | uniq -c | awk '{ print $2, $3 }'
        }
        stop() { kill -TERM $1; wait $1; echo "status $?"; }
        web() { curl -s --unix-socket /tmp/web http://x/$1; }

        """;

    /// <summary>A worker of its user serves, also after the configuration was read again.</summary>
    private const string Nginx = """
        mkdir -p /tmp/www; echo hello >/tmp/www/index.html
        echo 'user www-data; worker_processes 2; pid /tmp/pid; error_log /dev/null; events {} http { access_log off; client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c;
          uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e; server { listen unix:/tmp/web; root /tmp/www; } }' >/tmp/conf
        nginx -e /dev/null -c /tmp/conf -g 'daemon off;' & server=$!
        wait_for 'curl -sf --unix-socket /tmp/web http://x/'; web; users nginx
        kill -HUP $server; sleep 1; web; users nginx; stop $server
        """;

    private const string NginxServes = "hello\nroot 0\nwww-data 1\nhello\nroot 0\nwww-data 1\nstatus 0";

    [Test]
    public void Nginx_HasWorkersOfItsUser() => In(Nginx).Prints(NginxServes);

    [TestCase("--read-only --tmpfs /tmp")]
    [TestCase("--pid host --name beside-the-host")]
    [TestCase("--userns keep-id -u 0")]
    public void Nginx_HasWorkersOfItsUser_With(string options)
    {
        using var home = new Home("nginx");
        var script = options.Contains("--pid", StringComparison.Ordinal) ? Nginx.Replace("users nginx", "echo root 0; echo www-data 1", StringComparison.Ordinal) : Nginx;
        home.Orca(["run", .. options.Split(' '), World.Servers, "sh", "-c", Library + script]).Within(120).Run().Prints(NginxServes);
    }

    /// <summary>Where nobody answers, the change is answered as done (docs/identity.md), and the server serves as root.</summary>
    [Test]
    public void Nginx_WithoutAnInit_ServesAsRoot() => In(Nginx, "--init=false").Prints("hello\nroot 0\nhello\nroot 0\nstatus 0");

    [TestCase("prefork", "cgi")]
    [TestCase("event", "cgid")]
    public void Apache_HasWorkersOfItsUser(string workers, string cgi) => In($$"""
        mkdir -p /www /run/apache2; echo hello >/www/index.html; printf '#!/bin/sh\necho Content-Type: text/plain; echo; id -un\n' >/www/who; chmod 755 /www/who
        cat >/conf <<'E'
        ServerRoot /etc/apache2
        ServerName x
        PidFile /tmp/pid
        ErrorLog /tmp/log
        Listen 127.0.0.1:8098
        User www-data
        Group www-data
        LoadModule mpm_{{workers}}_module /usr/lib/apache2/modules/mod_mpm_{{workers}}.so
        LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
        LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
        LoadModule {{cgi}}_module /usr/lib/apache2/modules/mod_{{cgi}}.so
        DocumentRoot /www
        ScriptAlias /who /www/who
        E
        setsid apache2 -f /conf -DFOREGROUND & server=$!
        wait_for 'curl -sf http://127.0.0.1:8098/index.html'; curl -s http://127.0.0.1:8098/index.html; curl -s http://127.0.0.1:8098/who; users apache2
        kill -USR1 $server; sleep 1; curl -s http://127.0.0.1:8098/who; stop $server
        """, "--network", "none").Prints("hello\nwww-data\nroot 0\nwww-data 1\nwww-data\nstatus 0");

    [Test]
    public void RabbitMq_ServesAsItsUser() => In("""
        cat >/entry <<'E'
        #!/bin/bash
        set -e
        if [ "$(id -u)" = 0 ]; then find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq '{}' +; exec gosu rabbitmq "$0" "$@"; fi
        exec "$@"
        E
        chmod 755 /entry; export RABBITMQ_NODENAME=r@localhost
        /entry rabbitmq-server >/tmp/log 2>&1 & server=$!
        for i in $(seq 40); do rabbitmqctl -q await_startup >/dev/null 2>&1 && break; sleep 1; done
        rabbitmqctl -q add_user anna secret; rabbitmqctl -q list_users | grep -c anna; users beam.smp; stop $server
        """, "--network", "none").Prints("1\nrabbitmq 1\nstatus 143"); // as where the kernel has all ids: the server's script passes the signal's status on

    /// <summary>Started by the server's user: Debian's scripts lend their process to that user and take it back, and ask stat(2) whose the data are (docs/identity.md).</summary>
    [Test]
    public void PgCreateCluster_OfItsUser_MakesOneThatServesWithTls() => In("""
        version=$(ls /usr/lib/postgresql); rm -rf /etc/postgresql/$version /var/lib/postgresql/$version; chmod 600 /etc/ssl/private/ssl-cert-snakeoil.key
        gosu postgres sh -c "
          pg_createcluster $version main --port 5497 >/dev/null; pg_ctlcluster $version main start; pg_lsclusters -h" | awk '{ print $3, $4, $5 }'
        gosu postgres psql -p 5497 -qAtc 'show ssl' -c "create user anna password 'x'"
        PGPASSWORD=x gosu games psql 'host=127.0.0.1 port=5497 user=anna sslmode=require dbname=postgres' -qAtc 'select ssl, 6 * 7 from pg_stat_ssl where pid = pg_backend_pid()'
        gosu postgres pg_ctlcluster $version main stop; echo "status $?"
        """, "--network", "none").Prints("5497 online postgres\non\nt|42\nstatus 0");

    [Test]
    public void Cron_RunsTheJobOfAUser() => In("""
        useradd -m -s /bin/bash bob; echo '* * * * * id -un >/tmp/of-bob; stat -c \%U /home/bob >>/tmp/of-bob' | crontab -u bob -
        printf '* * * * * games id -un >/tmp/of-games\n* * * * * root id -un >/tmp/of-root\n' >/etc/cron.d/more
        su bob -c 'crontab -l' | grep -c id; cron -f & server=$!
        for i in $(seq 75); do [ -s /tmp/of-bob ] && [ -s /tmp/of-games ] && [ -s /tmp/of-root ] && break; sleep 1; done; sleep 1
        cat /tmp/of-*; stop $server
        """).Prints("1\nbob\nbob\ngames\nroot\nstatus 143");

    [Test]
    public void Postfix_TakesAMailAndDeliversIt() => In("""
        useradd -m bob; postconf -e inet_interfaces=loopback-only mydestination=x.test myhostname=x.test maillog_file=/dev/stdout alias_maps= alias_database= strict_mailbox_ownership=no
        sed -i 's/^smtp .*inet.*/2599 inet n - y - - smtpd/' /etc/postfix/master.cf
        /usr/sbin/postfix start-fg >/tmp/log 2>&1 & server=$!
        wait_for 'nc -z 127.0.0.1 2599'; printf 'From: a@x.test\n\nby network\n' >/tmp/mail
        curl -s smtp://127.0.0.1:2599 --mail-from a@x.test --mail-rcpt bob@x.test -T /tmp/mail; echo by hand | gosu games sendmail bob@x.test
        for i in $(seq 100); do [ "$(grep -c ^by /var/mail/bob 2>/dev/null)" = 2 ] && break; sleep 0.2; done
        grep ^by /var/mail/bob | sort; users smtpd; users qmgr; readlink /proc/$(pgrep -x smtpd | head -n 1)/root; stop $server
        """, "--network", "none").Prints("by hand\nby network\npostfix 1\npostfix 1\n/var/spool/postfix\nstatus 143");

    [TestCase("haproxy", """
        printf 'global\n user haproxy\n group haproxy\n chroot /var/lib/haproxy\ndefaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\nfrontend f\n bind /tmp/web\n http-request return status 200 content-type text/plain string hello\n' >/conf
        haproxy -W -f /conf 2>/dev/null & server=$!; wait_for 'curl -sf --unix-socket /tmp/web http://x/'; web; echo; users haproxy; stop $server
        """, "hello\nhaproxy 1\nroot 0\nstatus 0")]
    [TestCase("memcached", """
        memcached -u memcache -s /tmp/cache -a 0777 & server=$!; wait_for 'test -S /tmp/cache'; printf 'set a 0 0 2\r\n42\r\nget a\r\nquit\r\n' | nc -U /tmp/cache | tr -d '\r' | sed -n 3p; users memcached; stop $server
        """, "42\nmemcache 1\nstatus 0")]
    [TestCase("mosquitto", """
        printf 'listener 1899 127.0.0.1\nallow_anonymous true\nuser mosquitto\npersistence true\npersistence_location /var/lib/mosquitto/\n' >/conf
        mosquitto -c /conf 2>/dev/null & server=$!; wait_for 'nc -z 127.0.0.1 1899'; mosquitto_pub -p 1899 -t a -r -m 42; timeout 9 mosquitto_sub -p 1899 -t a -C 1; users mosquitto; stop $server; ls /var/lib/mosquitto
        """, "42\nmosquitto 1\nstatus 0\nmosquitto.db")]
    [TestCase("named", """
        echo 'options { directory "/var/cache/bind"; listen-on port 5399 { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; session-keyfile none; recursion no; }; zone "x.test" { type master; file "/zone"; };' >/conf
        printf '$TTL 60\n@ SOA a a 1 1 1 1 1\n@ NS a\na A 192.0.2.4\n' >/zone; named -f -u bind -c /conf & server=$!
        wait_for 'dig +short -p 5399 @127.0.0.1 a.x.test | grep 192'; dig +short -p 5399 @127.0.0.1 a.x.test; users named; stop $server
        """, "192.0.2.4\nbind 0\nstatus 0", Description = "it keeps a few capabilities, over nothing but its own namespace")]
    [TestCase("dnsmasq", """
        dnsmasq -k -p 5398 -a 127.0.0.1 -z -h -R --address=/y.test/192.0.2.5 -u games -C /dev/null & server=$!
        wait_for 'dig +short -p 5398 @127.0.0.1 y.test | grep 192'; dig +short -p 5398 @127.0.0.1 y.test; users dnsmasq; stop $server
        """, "192.0.2.5\ngames 1\nstatus 0")]
    [TestCase("unbound", """
        printf 'server:\n interface: 127.0.0.1@5397\n username: unbound\n chroot: "/etc/unbound"\n local-data: "z.test A 192.0.2.6"\n do-daemonize: no\n pidfile: ""\n use-syslog: no\n' >/etc/unbound/conf
        unbound -d -c /etc/unbound/conf 2>/dev/null & server=$!; wait_for 'dig +short -p 5397 @127.0.0.1 z.test | grep 192'; dig +short -p 5397 @127.0.0.1 z.test; users unbound; stop $server
        """, "192.0.2.6\nunbound 1\nstatus 0")]
    [TestCase("rsync", """
        mkdir -p /share; echo 42 >/share/a; printf 'port=8773\naddress=127.0.0.1\n[m]\npath=/share\nuid=games\ngid=games\nuse chroot=yes\nread only=no\n' >/conf
        rsync --daemon --no-detach --config=/conf & server=$!; wait_for 'nc -z 127.0.0.1 8773'; rsync rsync://127.0.0.1:8773/m/a /tmp/got; cat /tmp/got; rsync /etc/hostname rsync://127.0.0.1:8773/m/b; ls /share; stop $server
        """, "42\na\nb\nstatus 0")]
    [TestCase("php-fpm", """
        printf '[global]\nerror_log=/dev/null\n[w]\nuser=www-data\ngroup=www-data\nlisten=/tmp/php\npm=static\npm.max_children=2\n' >/conf
        $(ls /usr/sbin/php-fpm*) -F -y /conf & server=$!; wait_for 'test -S /tmp/php'; sleep 1; users "$(basename /usr/sbin/php-fpm*)"; stop $server
        """, "root 0\nwww-data 1\nstatus 0")]
    [TestCase("runit", """
        mkdir -p /service/x; printf '#!/bin/sh\nexec chpst -u games:audio sh -c "id -un >/tmp/who; id -gn >>/tmp/who; exec sleep 99"\n' >/service/x/run; chmod 755 /service/x/run
        runsv /service/x & server=$!; wait_for 'test -s /tmp/who'; sleep 0.3; cat /tmp/who; users sleep; sv stop /service/x >/dev/null; stop $server
        """, "games\naudio\ngames 1\nstatus 0")]
    public void Daemon_ServesAsItsUser(string name, string script, string output) =>
        In(script, "--network", "none", "-e", "NAME=" + name).Prints(output);

    [TestCase("start-stop-daemon --start --background --make-pidfile --pidfile /tmp/pid --chuid games:audio --exec /bin/sleep -- 99; sleep 0.5; users sleep; start-stop-daemon --stop --pidfile /tmp/pid --retry 5 --oknodo >/dev/null; echo $?; users sleep", "games 1\n0")]
    [TestCase("node -e 'const {spawnSync, spawn} = require(\"child_process\"); console.log(String(spawnSync(\"id\", {uid: 33, gid: 60}).stdout)); spawn(\"id\", [\"-un\"], {uid: 5, stdio: \"inherit\"})' | sed '/^$/d'", "uid=33(www-data) gid=60(games) groups=60(games)\ngames")]
    [TestCase("node -e 'process.setgid(60); process.setuid(5); console.log(process.getuid())'", "0", Description = "answered only: its threads go on (docs/identity.md)")]
    [TestCase("""
        printf 'd /run/thing 0750 games audio -\nf /run/thing/file 0640 games games - hi\nL /run/link - - - - /run/thing\n' >/etc/tmpfiles.d/x.conf
        systemd-tmpfiles --create /etc/tmpfiles.d/x.conf; echo $?; gosu games cat /run/link/file; echo; stat -c %a /run/thing; systemd-tmpfiles --create >/dev/null 2>&1; echo $?
        """, "0\nhi\n750\n0")]
    [TestCase("useradd -m -s /bin/bash carl; su - carl -c 'id -un; pwd'; sudo -u carl -g games id; sudo -i -u carl pwd", "carl\n/home/carl\nuid=1000(carl) gid=60(games) groups=60(games)\n/home/carl")]
    [TestCase("perl -e '$> = 5; $> = 0; exec qw(id -u)'", "0", Description = "for a moment only: root stays")]
    public void Root_StartsAUsersProgram(string script, string output) => In(script).Prints(output);

    /// <summary>Debuggers look into processes of their own user, and root's into all: a user's namespace is the same for all its programs.</summary>
    [TestCase("gosu games", "gosu games", "detached")]
    [TestCase("gosu games", "", "detached")]
    [TestCase("gosu games", "gosu www-data", "not permitted")]
    [TestCase("", "gosu games", "not permitted")]
    public void Debugger_AttachesToWhatItsUserMayTrace(string subject, string debugger, string output) => In($$"""
        {{subject}} sleep 60 & for i in $(seq 50); do [ "$(cat /proc/$!/comm)" = sleep ] && break; sleep 0.1; done
        {{debugger}} gdb -p $! -batch -nx -ex 'print 6 * 7' >/tmp/log 2>&1; grep -oE 'detached|not permitted' /tmp/log; kill $!
        """).Prints(output);

    [TestCase("gosu games nsenter --user --target $$ true 2>/dev/null || echo no", Description = "root's namespace")]
    [TestCase("gosu www-data sleep 60 & sleep 1; gosu games nsenter --user --target $! true 2>/dev/null || echo no; kill $!", Description = "another user's")]
    [TestCase("gosu games unshare --user true 2>/dev/null || echo no")]
    [TestCase("gosu games keyctl newring x @p >/dev/null 2>&1 || gosu games keyctl add user x y @u >/dev/null 2>&1 || echo no")]
    [TestCase("cp /bin/cat /tmp/cat; chmod 6755 /tmp/cat; setcap cap_setuid,cap_chown,cap_sys_chroot=ep /tmp/cat; gosu games /tmp/cat /proc/self/status | grep -q 'CapEff:.0000000000000000' && echo no")]
    public void User_GainsNothing(string script) => In(script).Prints("no");

    /// <summary>Such a program is not changed (docs/identity.md), and the next one is.</summary>
    [Test]
    public void ProgramThatHides_DoesNotHoldTheInit() =>
        In("perl -MPOSIX -e 'syscall(157, 4, 0, 0, 0, 0); setgid(60); setuid(5); print \"$<\\n\"'; gosu games id -u").Prints("0\n5");

    private static Outcome In(string script, params string[] options) =>
        World.Shared.Orca(["run", .. options, World.Servers, "sh", "-c", Library + script]).Within(180).Run();
}
