namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Hints about registries and networks that answer in an odd way: Fixtures/hint-server.py is one, until what the hint asks for was done.</summary>
internal static partial class HintCases
{
    /// <summary>Makes a key, and certificates of the authority that it is: one of another time, and one of today.</summary>
    private const string Authority = """
        certificate() { openssl ca -batch -config ca.cnf -selfsign -keyfile key.pem -in request -notext "$@" 2>/dev/null; }
        printf '[ca]\ndefault_ca=a\n[a]\ndatabase=index\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\npolicy=p\nx509_extensions=e\nunique_subject=no\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=DNS:localhost\nbasicConstraints=CA:true\n' > ca.cnf
        : > index; echo 01 > serial
        openssl req -new -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=localhost -out request 2>/dev/null
        certificate -out new.pem -days 2
        """;

    private static IEnumerable<HintCase> Servers() =>
    [
        new("open that address in a browser: a network or proxy that wants a sign-in shows its page there; else check the registry's name", Pull("page")) { Before = Serve("page"), Follow = "touch page/mended" },
        new("the registry has lost it: whoever made the image has to push it again", Pull("lost")) { Before = Serve("lost"), Follow = "touch lost/mended" },
        new("the registry limits how often it may be asked; {}{}", Pull("limited")) { Before = Serve("limited"), Follow = "case $hint in *'100 pulls in 6 hours'*) touch limited/mended;; *) false;; esac" },
        new("the proxy wants a login: put it into HTTPS_PROXY", $"HTTPS_PROXY=http://127.0.0.1:$(cat proxy/port) {Far}") { Before = Serve("proxy"), Follow = $"HTTPS_PROXY=http://me:secret@127.0.0.1:$(cat proxy/port) {Far}", After = "true" },
        new("if this machine's clock ({}) is right, the registry must renew it", Secured("expired"))
            { Before = Serve("expired", "certificate -out old.pem -startdate 20200101000000Z -enddate 20200201000000Z; cat old.pem new.pem > all.pem"), Follow = "case $hint in *\"$(date +%F)\"*) touch expired/mended;; *) false;; esac" },
        new("this machine's clock says {}; when that is wrong, {}", Secured("early"))
            { Before = Serve("early", "certificate -out old.pem -startdate 20900101000000Z -enddate 20900201000000Z; cat old.pem new.pem > all.pem"), Follow = "case $hint in *\"$(date +%F)\"*) touch early/mended;; *) false;; esac" },
        new("put NAME.cert and NAME.key into a certs.d directory of that host (docs/registry.md)", Secured("client"))
        {
            Before = Serve("client", "cp new.pem all.pem; openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout client.key -out client.pem -subj /CN=me 2>/dev/null"),
            Follow = "d=.config/containers/certs.d/localhost:$(cat client/port); mkdir -p $d && cp client/client.pem $d/me.cert && cp client/client.key $d/me.key", After = $"{Secured("client")} && rm -r .config/containers/certs.d",
        },
    ];

    private static IEnumerable<HintCase> Networks() =>
    [
        new("check the name and the network", "unshare -Urnm sh -c 'ip link set lo up; echo nameserver 127.0.0.1 > resolv; mount --bind resolv /etc/resolv.conf; cd resolver; exec 8>&2 2>/dev/null; python3 server.py resolver & while ! test -s port; do sleep 0.1; done; cd ..; orca --root ./s-pull pull none.test/x 2>&8; status=$?; kill $!; exit $status'")
            { Before = Place("resolver"), Follow = "orca pull -q $busybox", After = "true" },
        new("check the network, and HTTPS_PROXY if there must be one", "unshare -Urn orca --root ./s-pull pull 192.0.2.1/x") { Follow = "orca pull -q $busybox", After = "true" },
        new("name one in REGISTRY_AUTH_FILE", $"{Stranger} env -u HOME $(command -v orca) {Login}")
            { Before = "echo secret > secret", Follow = $"REGISTRY_AUTH_FILE=$PWD/named-logins {Stranger} env -u HOME $(command -v orca) login --tls-verify=false -u orca --password-stdin localhost:5001 < secret && grep -q localhost:5001 named-logins", After = "true" },
        new("the login for {} was not sent, because {}; --tls-verify=false sends it all the same", $"REGISTRY_AUTH_FILE=$PWD/withheld {Stranger} $(command -v orca) {Login}")
            { Before = "echo secret > secret", Follow = $"REGISTRY_AUTH_FILE=$PWD/withheld {Stranger} $(command -v orca) login --tls-verify=false -u orca --password-stdin localhost:5001 < secret", After = "true" },
        new("the server may speak plain http, which orca speaks only on this machine and to registries that are marked insecure (--tls-verify=false), or a TLS older than 1.2, or want a certificate of yours (certs.d)", Named("orca --root ./s-pull pull -q plain.test:5000/busybox"))
            { Follow = Named("orca --root ./s-pull pull -q --tls-verify=false plain.test:5000/busybox"), After = "true" },
        new("see /etc/resolv.conf, or say which proxy to use: export https_proxy=http://HOST:PORT", "unshare -Urn orca doctor | grep 'cure: see'; false") { Words = [("HOST", "127.0.0.1"), ("PORT", "5000")], Follow = "eval \"$1\"; unshare -Urn orca doctor > proxied; ! grep -q 'which proxy to use' proxied", After = "true" },
    ];

    /// <summary>An account without a line in /etc/passwd, to whom the registry is another user's.</summary>
    private const string Stranger = "unshare -U --map-user=54321", Login = "login -u orca --password-stdin localhost:5001 < secret";

    private const string Far = "orca --root ./s-pull pull -q --tls-verify=false far.test/busybox";

    private static string Pull(string mode) => $"orca --root ./s-{mode} pull -q localhost:$(cat {mode}/port)/busybox";

    private static string Secured(string mode) => $"SSL_CERT_FILE={mode}/all.pem {Pull(mode)}";

    /// <summary>A name that leads to this machine, and that orca does not know as its own.</summary>
    private static string Named(string line) => $"unshare -Urm sh -c 'echo 127.0.0.1 plain.test > hosts; mount --bind hosts /etc/hosts; {line}'";

    private static string Place(string mode) => $"rm -rf {mode} && mkdir {mode} && printf %s \"$server\" > {mode}/server.py";

    private static string Serve(string mode, string certificates = "") =>
        $"{Place(mode)} && cd {mode} && {(certificates.Length > 0 ? $"{Authority}\n{certificates}\n" : string.Empty)}(python3 server.py {mode} > /dev/null 2>&1 < /dev/null &); for i in $(seq 100); do test -s port && break; sleep 0.1; done; test -s port";
}
