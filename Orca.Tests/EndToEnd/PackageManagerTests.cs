using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>Package managers install, as an ordinary user with one id, in a container that is kept.</summary>
[Category("EndToEnd")]
public sealed class PackageManagerTests
{
    private const string Packages = "gcc libc6-dev git openssh-server postgresql sudo man-db systemd dbus acl attr libcap2-bin adduser python3-pip rpm dnf createrepo-c pacman-package-manager";
    private const string Rpm = """
        cd /tmp; cat > t.spec <<'E'
        Name: t
        Version: 1
        Release: 1
        Summary: t
        License: none
        BuildArch: noarch
        %description
        t
        %install
        mkdir -p %{buildroot}/opt/t; echo hi > %{buildroot}/opt/t/f
        %files
        %attr(4750, daemon, adm) /opt/t/f
        %attr(0700, mail, mail) %dir /opt/t
        E
        rpmbuild -bb --define '_topdir /tmp/r' t.spec >/dev/null 2>&1
        rpm -i --nodeps /tmp/r/RPMS/noarch/t-1-1.noarch.rpm; cat /opt/t/f; rpm -q t
        """;

    private const string Dnf = """
        cd /tmp; cat > d.spec <<'E'
        Name: d
        Version: 1
        Release: 1
        Summary: d
        License: none
        BuildArch: noarch
        Provides: /bin/sh
        %description
        d
        %install
        mkdir -p %{buildroot}/opt/d; echo hi > %{buildroot}/opt/d/f
        %pre
        groupadd -r dgroup; useradd -r -g dgroup duser
        %files
        %attr(4750, duser, dgroup) /opt/d/f
        %attr(0700, mail, mail) %dir /opt/d
        %dev(c, 1, 3) %attr(0640, root, root) /opt/d/null
        E
        rpmbuild -bb --define '_topdir /tmp/d' d.spec >/dev/null 2>&1; createrepo_c -q /tmp/d/RPMS
        local="--releasever=1 --repofrompath=local,/tmp/d/RPMS --repo=local --nogpgcheck -q -y"
        dnf $local install d >/dev/null; stat -c %a /opt/d /opt/d/f /opt/d/null; id -gn duser
        dnf $local remove d >/dev/null; ls -d /opt/d 2>/dev/null || echo gone
        """;

    // What apk does for each file of a package, call by call: there is no package of it here.
    private const string Apk = """
        cat > /apk.py <<'E'
        import os, stat
        root = os.open("/opt", os.O_DIRECTORY)
        os.mkdir("a", 0o750, dir_fd=root)
        os.chown("a", 9, 13, dir_fd=root, follow_symlinks=False)
        file = os.open("a/.apk.1", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o4755, dir_fd=root)
        os.write(file, b"hi")
        os.setxattr(file, "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))
        os.setxattr(file, "security.ima", b"x")
        os.setxattr(file, "trusted.a", b"x")
        os.close(file)
        os.mknod("a/.apk.2", stat.S_IFCHR | 0o620, os.makedev(5, 1), dir_fd=root)
        os.mknod("a/.apk.3", stat.S_IFBLK | 0o660, os.makedev(7, 0), dir_fd=root)
        os.mkfifo("a/.apk.4", 0o600, dir_fd=root)
        os.symlink("f1", "a/.apk.5", dir_fd=root)
        for i in range(1, 6):
            name = f"a/.apk.{i}"
            os.chown(name, 9, 13, dir_fd=root, follow_symlinks=False)
            if i < 5:
                os.chmod(name, [0o4750, 0o620, 0o660, 0o600][i - 1], dir_fd=root)
            os.utime(name, (5, 5), dir_fd=root, follow_symlinks=False)
            os.rename(name, f"a/f{i}", src_dir_fd=root, dst_dir_fd=root)
        E
        python3 /apk.py; stat -c '%A %Y' /opt/a/*; getcap /opt/a/f1
        """;

    private const string Pacman = """
        mkdir -p /tmp/p/opt /var/lib/pacman; cd /tmp/p; echo hi > opt/p; chown daemon opt/p
        printf 'pkgname = p\npkgver = 1-1\narch = any\nsize = 3\n' > .PKGINFO
        tar --owner=daemon --group=adm -czf /tmp/p-1-1-any.pkg.tar.gz .PKGINFO opt
        pacman -U --noconfirm /tmp/p-1-1-any.pkg.tar.gz >/dev/null; cat /opt/p; pacman -Q p
        """;

    private Home _home = null!;

    [OneTimeSetUp]
    public void Install()
    {
        _home = new Home("apt");
        In($"apt-get update -q && apt-get install -y -q {Packages}", 1800).Succeeds();
    }

    [OneTimeTearDown]
    public void Remove() => _home.Dispose();

    [TestCase("dpkg --audit && apt-get check -qq && echo consistent", "consistent")]
    [TestCase("sudo apt-get update -qq && sudo id -u", "0")]
    [TestCase("adduser --disabled-password --gecos '' carl >/dev/null && su - carl -c pwd", "/home/carl")]
    [TestCase("cp /bin/true /t && setcap cap_net_raw+ep /t && getcap /t", "/t cap_net_raw=ep")]
    [TestCase("systemd-sysusers && mandb -q && dbus-uuidgen --ensure && ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | grep -c ED25519", "1")]
    [TestCase("rm -rf /g && git init -q /g && cd /g && echo x > f && git add f && git -c user.name=a -c user.email=b commit -qm m && git log --format=%s", "m")]
    [TestCase("cd /tmp && echo 'int main(){return 7;}' > a.c && gcc a.c && ./a.out || echo $?", "7")]
    [TestCase("cd /tmp && rm -rf w && mkdir w && printf 'from setuptools import setup\\nsetup(name=\"q\", version=\"1\", py_modules=[])\\n' > w/setup.py && pip install -q --break-system-packages --no-build-isolation --no-index ./w 2>/dev/null && pip show q | grep -c '^Version: 1'", "1")]
    [TestCase(Rpm, "hi\nt-1-1.noarch")]
    [TestCase(Pacman, "hi\np 1-1")]
    [TestCase(Dnf, "700\n4750\n640\ndgroup\ngone")]
    [TestCase(Apk, "-rwsr-x--- 5\n-rw--w---- 5\n-rw-rw---- 5\nprw------- 5\nlrwxrwxrwx 5\n/opt/a/f1 cap_net_raw=ep")]
    [TestCase("cd /tmp && touch f && chmod 640 f && setfacl -m u:nobody:rwx,g:adm:r f && setfacl -d -m u:nobody:r . && stat -c %a f && getfacl -cE f", "640\nuser::rw-\ngroup::r--\nother::---")]
    [TestCase("cd /tmp && touch l && chmod 600 l && setfacl -m u::rwx,u:root:r,m::rw l && stat -c %A l && getfacl -cE l | sed -n 2p && setfacl -b l && stat -c %a l", "-rwxrw----\nuser:root:r--\n700")]
    [TestCase("cd /tmp && touch x && setfattr -n trusted.a -v 1 x && setfattr -n user.a -v 1 x && getfattr -d -m - x", "# file: x\nuser.a=\"1\"")]
    [TestCase("cd /tmp && mkdir s && touch s/x && setfattr -n user.a -v 1 s/x && mknod s/n c 1 3 && cp -a s c && tar --xattrs --acls -C s -cf s.tar . && mkdir t && tar --xattrs --acls -C t -xpf s.tar && getfattr -d c/x t/x | grep -c user.a && ls c t", "2\nc:\nn\nx\n\nt:\nn\nx")]
    [TestCase("useradd -m dora && deluser -q --remove-home dora 2>/dev/null; ls -d /home/dora 2>/dev/null || id dora 2>/dev/null || echo gone", "gone")]
    public void Machine_Works(string script, string output) => In(script, 300).Prints(output);

    /// <summary>A database's server refuses to run as root, and root stays root; as its own user it starts.</summary>
    [Test]
    public void Postgres_AsItsUser_ServesWhatItsRootCannotMake()
    {
        const string script = """
            export PATH=$PATH:$(echo /usr/lib/postgresql/*/bin); initdb -D /var/lib/postgresql/d >/dev/null
            pg_ctl -D /var/lib/postgresql/d -o '-k /tmp -c listen_addresses=' -l /tmp/log -w start >/dev/null; psql -h /tmp -Atc 'select 6 * 7' postgres
            pg_ctl -D /var/lib/postgresql/d stop >/dev/null
            """;
        _home.Orca(["run", "--name", "apt", "-u", "postgres", World.Debian, "sh", "-ec", script]).Within(300).Run().Prints("42");
    }

    private Outcome In(string script, double seconds) =>
        _home.Orca(["run", "--name", "apt", "-e", "DEBIAN_FRONTEND=noninteractive", .. Proxies(), World.Debian, "sh", "-ec", script]).Within(seconds).Run();

    /// <summary>The way to Debian's packages is this machine's.</summary>
    internal static IEnumerable<string> Proxies()
    {
        foreach (var (kind, variable) in new[] { ("http", "http_proxy"), ("https", "https_proxy") })
        {
            var line = World.Tool("apt-config", "dump", "--format", "%v", $"Acquire::{kind}::Proxy").Output.Trim();
            if (line.Length > 0 || (line = Surroundings.Caller(variable) ?? "").Length > 0)
            {
                yield return "-e";
                yield return $"{variable}={line}";
            }
        }
    }
}
