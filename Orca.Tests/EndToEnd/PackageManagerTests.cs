using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Package managers install, as an ordinary user with one id, in a container that is kept.</summary>
[Category("EndToEnd")]
public sealed class PackageManagerTests
{
    private const string Packages = "gcc libc6-dev git openssh-server postgresql sudo man-db systemd dbus acl attr libcap2-bin adduser python3-pip rpm pacman-package-manager";
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
    public void Machine_Works(string script, string output) => In(script, 300).Prints(output);

    private Outcome In(string script, double seconds) =>
        _home.Orca(["run", "--name", "apt", "-e", "DEBIAN_FRONTEND=noninteractive", .. Proxies(), World.Debian, "sh", "-ec", script]).Within(seconds).Run();

    /// <summary>The way to Debian's packages is this machine's.</summary>
    private static IEnumerable<string> Proxies()
    {
        foreach (var (kind, variable) in new[] { ("http", "http_proxy"), ("https", "https_proxy") })
        {
            var line = World.Tool("apt-config", "dump", "--format", "%v", $"Acquire::{kind}::Proxy").Output.Trim();
            if (line.Length > 0 || (line = Environment.GetEnvironmentVariable(variable) ?? "").Length > 0)
            {
                yield return "-e";
                yield return $"{variable}={line}";
            }
        }
    }
}
