using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class LabelTests
{
    [Test]
    public void Labels_AreKept_AndFoundByFilters()
    {
        using var home = new Home();
        home.Write("labels", "# of a file\nteam=blue\n\nlast=1\n");
        home.Orca("run", "--name", "one", "-l", "a=1=2", "--label", "b", "--label-file", "labels", "-l", "last=2", World.Busybox, "echo", "seen").Run().Prints("seen");
        home.Orca("run", "--name", "two", "-l", "a=2", World.Busybox, "true").Run().Succeeds();
        home.Orca("ps", "-a", "-q", "-f", "label=a", "-f", "label=b").Run().Prints("one");
        home.Orca("ps", "-a", "-q", "-f", "label=a=2").Run().Prints("two");
        home.Orca("inspect", "-f", "{{index .Config.Labels \"team\"}} {{.Config.Labels.last}} {{.Config.Labels.a}}", "one").Run().Prints("blue 2 1=2");
        home.Orca("run", "-l", "=x", World.Busybox, "true").Run().Ends(125).Complains("it has no name");
        home.Orca("logs", "one").Run().Succeeds().Complains("there is no log of 'one'");
    }
}
