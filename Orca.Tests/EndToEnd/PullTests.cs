using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class PullTests
{
    [Test]
    public void Pull_ThenImages_ListsIt()
    {
        using var home = new Home();
        home.Orca("pull", World.Busybox).Run().Succeeds();
        var listed = home.Orca("images").Run().Succeeds();
        Assert.That(listed.Output, Does.Contain("localhost:5000/busybox"));
    }

    [Test]
    public void Pull_IntoAPipe_ShowsNoProgress()
    {
        using var home = new Home();
        var pulled = home.Orca("pull", World.Busybox).Run().Succeeds();
        Assert.That(pulled.Errors + pulled.Output, Does.Not.Contain("\r").And.Not.Contain("\u001b"));
    }

    [Test]
    public void Rmi_RemovesImageAndItsFiles()
    {
        using var home = new Home();
        home.Orca("pull", World.Busybox).Run().Succeeds();
        home.Orca("rmi", World.Busybox).Run().Succeeds();
        Assert.That(home.Orca("images").Run().Succeeds().Output, Does.Not.Contain("busybox"));
        Assert.That(home.Files().Where(path => path.EndsWith("/bin/busybox", StringComparison.Ordinal)), Is.Empty);
        home.Orca("run", "--pull", "never", World.Busybox, "true").Run().Ends(125);
    }

    [Test]
    public void Pull_Https_WithACertificateAuthorityOfItsOwn()
    {
        using var home = new Home();
        home.Orca("pull", "localhost:5443/busybox").With("SSL_CERT_FILE", World.CertificateAuthority).Run().Succeeds();
        home.Orca("run", "localhost:5443/busybox", "echo", "over https").Run().Prints("over https");
    }

    [Test]
    public void Pull_HttpsOfAnUnknownAuthority_IsRefused()
    {
        using var home = new Home();
        var refused = home.Orca("pull", "localhost:5443/busybox").Run().Ends(125);
        Assert.That(refused.Errors, Does.Contain("\norca: cannot pull 'localhost:5443/busybox").And.Contain("certificate"));
    }

    [Test]
    public void Pull_ByDigest_NamesThatImage()
    {
        using var home = new Home();
        var head = World.Tool(
            "curl", "-sI", "-H", "Accept: application/vnd.oci.image.manifest.v1+json", "-H", "Accept: application/vnd.docker.distribution.manifest.v2+json",
            $"http://{World.Registry}/v2/busybox/manifests/latest");
        var digest = head.Lines.Single(line => line.StartsWith("Docker-Content-Digest:", StringComparison.OrdinalIgnoreCase)).Split(": ")[1].Trim();
        home.Orca("run", $"{World.Busybox}@{digest}", "echo", "exact").Run().Prints("exact");
        home.Orca("run", $"{World.Busybox}:latest@{digest}", "echo", "both").Run().Prints("both");
        var wrong = digest[..^1] + (digest[^1] == '0' ? '1' : '0');
        home.Orca("pull", $"{World.Busybox}@{wrong}").Run().Ends(125);
    }

    [TestCase("localhost:5000/nothing-here", "cannot pull 'localhost:5000/nothing-here")]
    [TestCase("localhost:5000/busybox:no-such-tag", "cannot pull 'localhost:5000/busybox:no-such-tag'")]
    [TestCase("localhost:1/busybox", "cannot pull 'localhost:1/busybox")]
    public void Pull_WhatIsNotThere_SaysSo(string image, string message)
    {
        var refused = World.Orca("pull", image).Ends(125);
        Assert.That(refused.Errors, Does.Contain(message));
    }

    [TestCase("UPPER")]
    [TestCase("a//b")]
    [TestCase("image:-tag")]
    [TestCase("image@sha256:12")]
    public void Pull_WrongReference_IsRefusedWithTheReason(string image)
    {
        var refused = World.Orca("pull", image).Ends(125);
        Assert.That(refused.Errors, Does.StartWith("orca: cannot ").And.Contain(image));
    }

    [Test]
    public void Z17_ProgramsThatDecompress_AreNeverRun()
    {
        using var home = new Home();
        home.Shell("mkdir bin && for name in gzip gunzip unpigz pigz zstd xz bzip2 tar; do printf '#!/bin/sh\\ntouch %s/ran-$0\\n' \"$PWD\" > bin/$name; chmod +x bin/$name; done").Succeeds();
        home.Program("strace", "-f", "-qq", "-o", "trace", "-e", "trace=execve,execveat", World.Binary, "pull", World.Busybox).With("PATH", $"{home.Directory}/bin:/usr/bin").Run().Succeeds();
        Assert.That(home.Shell($"grep -F 'exec' trace | grep -vF -e 'execve(\"{World.Binary}\"' -e ', \"\", [' -e resumed").Output, Is.Empty, "orca itself, and its other half from memory");
        home.Shell("mkdir tree && echo x > tree/x && /bin/tar -czf tree.tar.gz -C tree .").Succeeds();
        home.Orca("import", "tree.tar.gz", "tree").With("PATH", home.Directory + "/bin").Run().Succeeds();
        Assert.That(Directory.GetFiles(home.Directory, "ran-*"), Is.Empty);
    }

    [TestCase("--root", "link/store")]
    [TestCase("--root", "direct")]
    [TestCase("XDG_DATA_HOME", "link/data")]
    [TestCase("XDG_DATA_HOME", "direct")]
    public void P35_StoreBehindALink_Works(string how, string place)
    {
        using var home = new Home();
        home.Shell("mkdir -p real/store real/data && ln -s real link && ln -s real/store direct").Succeeds();
        Command Orca(params string[] arguments) => how == "--root"
            ? home.Orca(["--root", $"{home.Directory}/{place}", .. arguments]) : home.Orca(arguments).With(how, $"{home.Directory}/{place}");
        Orca("pull", "-q", World.Busybox).Run().Succeeds();
        Orca("run", "--name", "kept", World.Busybox, "sh", "-c", "echo one > /note").Run().Succeeds();
        Orca("run", "--name", "kept", World.Busybox, "cat", "/note").Run().Prints("one");
        Orca("system", "check").Run().Succeeds();
        Assert.That(home.Shell("find real -name oci-layout -o -name images | grep -c .").Output, Is.Not.EqualTo("0\n"), "it lies where the link leads");
        Orca("rm", "kept").Run().Succeeds();
        Orca("rmi", World.Busybox).Run().Succeeds();
        Assert.That(Orca("images", "-q").Run().Succeeds().Output, Is.Empty);
    }

    [Test]
    public void Limit_OfAnImage_IsAnOption()
    {
        using var home = new Home();
        var refused = home.Orca("pull", "--image-limit", "entries=3", World.Busybox).Run().Ends(125);
        Assert.That(refused.Errors, Does.Contain("too many entries: exceeds limit of 3 for an image").And.Contain("hint: if you trust where it comes from, allow more with --image-limit entries=VALUE"));
        home.Orca("run", "--image-limit", "entries=100000", World.Busybox, "true").Run().Succeeds();
        Assert.That(home.Orca("run", "--image-limit", "files=3", World.Busybox, "true").Run().Ends(125).Errors, Does.StartWith("orca: cannot use limit 'files=3'"));
    }

    [Test]
    public void Pull_KilledHalfWay_LeavesNoImageAndTheNextPullSucceeds()
    {
        using var home = new Home();
        using (var pulling = home.Orca("pull", World.Dev).Start())
        {
            World.Eventually(() => home.Files().Length > 20, 5);
            World.Kill("KILL", pulling.Id);
            pulling.Wait();
        }

        Assert.That(home.Orca("images").Run().Succeeds().Output, Does.Not.Contain("/dev"));
        home.Orca("pull", World.Dev).Within(180).Run().Succeeds();
        home.Orca("run", World.Dev, "echo from-entrypoint").Run().Prints("from-entrypoint");
    }
}
