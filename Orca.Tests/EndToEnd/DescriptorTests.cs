using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class DescriptorTests
{
    private const string List = "i=0; while [ $i -lt 1024 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1)); done";

    [Test]
    public void Container_HasOnlyTheThree()
        => World.Orca("run", World.Busybox, "sh", "-c", List).Prints("0\n1\n2");

    [Test]
    public void Container_GetsNothingThatOrcaInherited()
        => World.Shared.Shell($"exec 3</etc/passwd 9>leak 8</; exec \"$orca\" run {World.Busybox} sh -c '{List}'")
            .Prints("0\n1\n2");

    [Test]
    public void FirstProcess_HoldsNoDirectoryOfTheHost()
        => World.Orca("run", World.Busybox, "sh", "-c", "for f in /proc/1/fd/*; do [ -d $f ] && echo $f is a directory; done; true").Prints("");

    [Test]
    public void Limit_OfOpenFiles_IsTheCallers()
        => World.Shared.Shell($"ulimit -Sn 777; ulimit -Hn 2000; exec \"$orca\" run {World.Busybox} sh -c 'ulimit -Sn; ulimit -Hn'").Prints("777\n2000");
}
