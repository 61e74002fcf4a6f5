namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Hints about registries: logins, certificates, proxies, names. Registries of this machine ask for a login (5001) and have a certificate of their own authority (5443).</summary>
internal static partial class HintCases
{
    private const string Private = "orca pull -q localhost:5001/busybox", Secure = "orca pull -q localhost:5443/busybox", LogIn = "echo secret | orca login -u orca --password-stdin localhost:5001", LogOut = "orca logout localhost:5001";
    private const string CertificateDirectory = ".config/containers/certs.d/localhost:5443";

    private static IEnumerable<HintCase> Logins() =>
    [
        new("check the name; if it is private, log in with 'orca login {}'", Private) { Follow = "echo secret | eval \"$2 -u orca --password-stdin\"", After = $"{Private} && {LogOut}" },
        new("check the login for {}", "echo wrong | orca login -u orca --password-stdin localhost:5001") { Follow = LogIn, After = LogOut },
        new("change the password, and use --password-stdin", "orca login -u orca -p secret localhost:5001") { Follow = LogIn, After = LogOut },
        new("use --username and --password-stdin", "orca login localhost:5001") { Follow = "echo secret | orca login --username orca --password-stdin localhost:5001", After = LogOut },
        new("for example 'docker.io' or 'localhost:5000'", "echo secret | orca login -u orca --password-stdin 'my registry'") { Follow = "echo secret | orca login -u orca --password-stdin $3", After = "orca logout localhost:5000" },
        new("repair it, or move it away and log in again", Private) { Before = Docker("x"), Follow = $"mv .docker/config.json away; {LogIn}", After = $"{Private} && {LogOut}" },
        new("repair it, or move it away", LogIn) { Before = Docker("x"), Follow = "mv .docker/config.json away", After = $"{LogIn} && {LogOut}" },
        new("install it, or take it out of the file", Private) { Before = Docker("""{"credHelpers":{"localhost:5001":"none"}}"""), Follow = $"echo '{{}}' > .docker/config.json; {LogIn}", After = $"{Private} && {LogOut}" },
        new("repair the file of logins that names it", Private) { Before = Docker("""{"credHelpers":{"localhost:5001":"a/b"}}"""), Follow = $"echo '{{}}' > .docker/config.json; {LogIn}", After = $"{Private} && {LogOut}" },
        new("try it: echo '{}' | docker-credential-{} get", $"PATH=$PWD:$PATH; {Private}")
        {
            Before = Docker("""{"credHelpers":{"localhost:5001":"broken"}}""") + "; printf '#!/bin/sh\\necho out of order; exit 1\\n' > docker-credential-broken; chmod +x docker-credential-broken",
            Follow = "PATH=$PWD:$PATH; eval \"$1\" | grep 'out of order'", After = "rm .docker/config.json",
        },
    ];

    private static string Docker(string config) => $"mkdir -p .docker; echo '{config}' > .docker/config.json";

    private static IEnumerable<HintCase> Certificates() =>
    [
        new("if you trust it, name its certificate (PEM) in SSL_CERT_FILE", Secure) { Follow = $"export SSL_CERT_FILE=$ca; {Secure}", After = "true" },
        new("{} names it: correct the path, or unset the variable to use those of this machine", $"SSL_CERT_FILE=none {Secure}") { Follow = $"SSL_CERT_FILE=$ca {Secure}", After = "true" },
        new("it begins with -----BEGIN CERTIFICATE-----", Secure) { Before = $"mkdir -p {CertificateDirectory}; echo x > {CertificateDirectory}/ca.crt", Follow = $"sed -n '/-----BEGIN CERTIFICATE-----/,$p' $ca > {CertificateDirectory}/ca.crt" },
        new("an authority ends in '.crt', a client's certificate in '.cert'", Secure) { Before = $"mv {CertificateDirectory}/ca.crt {CertificateDirectory}/ca.key", Follow = $"mv {CertificateDirectory}/ca.key {CertificateDirectory}/ca.crt", After = $"{Secure}; rm -r {CertificateDirectory}" },
    ];

    private static IEnumerable<HintCase> Registries() =>
    [
        new("check the network and /etc/resolv.conf", "unshare -Urn orca pull none.test/x") { Follow = "orca pull -q $busybox", After = "true" },
        new("check HTTPS_PROXY and NO_PROXY", "HTTPS_PROXY=http://127.0.0.1:1 orca pull none.test/x") { Follow = "HTTPS_PROXY=http://127.0.0.1:1 NO_PROXY=none.test orca pull none.test/x 2>&1 | grep 'orca: ' | grep -v 127.0.0.1", After = "true" },
        new("for example http://proxy.example:3128", "HTTPS_PROXY=a:b:c orca pull none.test/x") { Follow = "HTTPS_PROXY=${hint##* } orca pull -q $busybox", After = "true" },
        new("name the registry, as in '{}', or give the name an alias in registries.conf", "CONTAINERS_REGISTRIES_CONF=search orca pull orca-test-dev")
        {
            Before = "printf 'unqualified-search-registries=[\"localhost:5000\",\"none.test\"]\\nshort-name-mode=\"enforcing\"\\n' > search",
            Follow = "test $2 = localhost:5000/orca-test-dev:latest; printf '[aliases]\\n\"orca-test-dev\"=\"localhost:5000/busybox\"\\n' >> search", After = "CONTAINERS_REGISTRIES_CONF=search orca pull -q orca-test-dev",
        },
        new("fetch the other with 'orca pull --platform {} {}'", "orca --root ./r13 run --pull never --platform linux/amd64 $busybox true")
            { Before = "mkdir -p arm && touch arm/file && orca --root ./r13 import -q --platform linux/arm64 arm $busybox" },
    ];

    private static IEnumerable<HintCase> Formats() =>
    [
        new("compress it with zstd --long=27 or without --long", "orca import -q wide.zst wide:1") { Before = "mkdir -p some && touch some/file && tar c some | zstd -q --long=31 > wide.zst", Follow = "zstd -dcq --long=31 wide.zst | zstd -q --long=27 > narrow.zst", After = "orca import -q narrow.zst wide:1" },
        new("if you trust where it comes from, allow more with --image-limit json-depth=NUMBER", "orca --root ./r11 load --image-limit json-depth=1 saved")
            { Before = "orca save $busybox > saved", Words = [("NUMBER", "64")], Follow = "orca --root ./r11 load ${1##* with } saved", After = "true" },
        new("choose one by its number, for example {}, or load them all: {}", "orca --root ./r12 run ./two.tar true")
        {
            Before = "mkdir -p some && touch some/file && orca import -q some two:1 && orca save -o two.tar $busybox two:1",
            Follow = "one=${hint#*for example }; orca --root ./r12 run ${one%%, or *} true && eval \"$1\"", After = "orca --root ./r12 run $busybox true",
        },
        new("load them all: {}", "orca --root ./r17 run - true < two.tar") { Follow = "eval \"$1\" < two.tar", After = "orca --root ./r17 run $busybox true" },
        new("load them all with 'orca load'", "orca --root ./r15 run \"./$(printf 'two\\nlines.tar')\" true")
            { Before = "mkdir -p some && touch some/file && orca import -q some two:2 && orca save -o \"$(printf 'two\\nlines.tar')\" $busybox two:2", Follow = "orca --root ./r15 load \"./$(printf 'two\\nlines.tar')\"", After = "orca --root ./r15 run $busybox true" },
        new("it is {}; leave the prefix out, so that its content decides", "orca load \"oci:$(printf 'two\\nlines.tar')\"") { Follow = "orca --root ./r16 load \"./$(printf 'two\\nlines.tar')\"", After = "orca --root ./r16 run $busybox true" },
        new("rename or remove it first", "orca run --name white $busybox touch /.wh.x; orca export -o white.tar white") { Follow = "orca run --name white $busybox rm /.wh.x && orca export -o white.tar white", After = "true" },
        new("a directory is taken as a whole, by a user who may read all of it, while nobody changes it", "orca import -q half half:1") { Before = "mkdir -p half && touch half/file half/closed && chmod 0 half/closed", Follow = "chmod 600 half/closed" },
        new("give more digits: 'orca images -q' prints them all", "orca --root ./r14 rmi $(orca --root ./r14 images -q | cut -c8 | sort | uniq -d | head -n 1)") // of 17 digests two have the same first digit
        {
            Before = "mkdir -p many; for i in $(seq 17); do echo $i > many/file; orca --root ./r14 import -q many many:$i; done",
            Follow = "orca --root ./r14 rmi $(eval \"$2\" | cut -c8- | sort | uniq -w 1 -D | head -n 1)", After = "true",
        },
    ];
}
