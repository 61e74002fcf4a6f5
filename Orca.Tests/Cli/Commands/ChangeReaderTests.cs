using NUnit.Framework;
using Orca.Cli.Commands;
using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Tests.Cli.Commands;

public sealed class ChangeReaderTests
{
    [Test]
    public void Instructions_AreRead()
    {
        var config = ChangeReader.Read(
            ["CMD [\"a\", \"b\\\"c\"]", "entrypoint  /init -x", "ENV A=\"1 2\"", "ENV B 3", "ENV C=", "USER app:app", "WORKDIR /srv", "STOPSIGNAL SIGINT"], Platform.Current);
        Assert.That(config.Cmd, Is.EqualTo(["a", "b\"c"]));
        Assert.That(config.Entrypoint, Is.EqualTo(["/bin/sh", "-c", "/init -x"]));
        Assert.That(config.Env, Is.EqualTo(["A=1 2", "B=3", "C="]));
        Assert.That((config.User, config.WorkingDir, config.StopSignal), Is.EqualTo(("app:app", "/srv", "SIGINT")));
    }

    [TestCase("")]
    [TestCase("CMD")]
    [TestCase("CMD [")]
    [TestCase("CMD [1]")]
    [TestCase("CMD [\"a\"] b")]
    [TestCase("RUN rm -rf /")]
    [TestCase("FROM x")]
    public void Wrong_IsRefused(string change) =>
        Assert.That(() => ChangeReader.Read([change], Platform.Current), Throws.TypeOf<ReferenceException>());
}
