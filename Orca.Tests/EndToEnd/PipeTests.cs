using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

[Category("EndToEnd")]
public sealed class PipeTests
{
    [Test]
    public void Bytes_GoThroughBothWaysUnchanged()
    {
        var bytes = new byte[8 << 20];
        new Random(7).NextBytes(bytes);
        var outcome = World.Shared.Orca("run", "-i", World.Busybox, "cat").Input(bytes).Run().Succeeds();
        Assert.That(outcome.Bytes.AsSpan().SequenceEqual(bytes), Is.True);
    }

    [Test]
    public void Input_IsPassedWithoutAskingForIt()
        => World.Shared.Orca("run", World.Busybox, "cat").Input("text\n"u8.ToArray()).Run().Prints("text");

    [Test]
    public void OutputAndErrors_StayApart()
    {
        var outcome = World.Orca("run", World.Busybox, "sh", "-c", "echo out; echo err >&2").Succeeds();
        Assert.That((outcome.Output, outcome.Errors), Is.EqualTo(("out\n", "err\n")));
    }

    [Test]
    public void Reader_ThatEnds_EndsTheWriterBySigpipe()
        => World.Shared.Shell($"{{ \"$orca\" run {World.Busybox} yes; echo $? >status; }} | head -n 1; cat status").Prints("y\n141");

    [Test]
    public void Pipeline_InsideTheContainer_Ends()
        => World.Orca("run", World.Busybox, "sh", "-c", "yes | head -n 2").Prints("y\ny");

    [Test]
    public void Conversation_IsNotBuffered()
    {
        using var running = World.Shared.Orca("run", "-i", World.Busybox, "sh", "-c", "while read line; do echo got $line; done").Start();
        running.Input.Write("one\n"u8);
        running.Input.Flush();
        running.Until("got one");
        running.Input.Write("two\n"u8);
        running.Input.Flush();
        running.Until("got two");
        running.Feed([]);
        running.Wait().Succeeds();
    }

    [Test]
    public void Output_ToAFullDevice_IsTheCommandsError()
        => World.Shared.Shell($"\"$orca\" run {World.Busybox} sh -c 'echo text; exit $?' >/dev/full").Ends(1);

    [TestCase("<&-", "1:3 0:0 0:0")]
    [TestCase(">&-", "0:0 1:3 0:0")]
    [TestCase("2>&-", "0:0 0:0 1:3")]
    [TestCase("<&- >&- 2>&-", "1:3 1:3 1:3")]
    [TestCase("</dev/null", "1:3 0:0 0:0")]
    public void S25_Descriptors_ClosedByTheCaller_AreTheNullDevice(string how, string devices)
    {
        World.Shared.Shell("mkdir -p seen && rm -f seen/*").Succeeds();
        World.Shared.Shell(
            $"\"$orca\" run -v ./seen:/seen {World.Busybox} sh -c 'o=; for f in 0 1 2; do o=\"$o $(stat -Lc %t:%T /proc/$$/fd/$f)\"; done; echo $o > /seen/f; exit 5' {how}").Ends(5);
        World.Shared.Shell("cat seen/f").Prints(devices);
    }

    [TestCase("</", "standard input")]
    [TestCase("1</", "standard output")]
    [TestCase("2</", null)]
    public void S25_Directory_AsAStream_IsRefused_ForItLeadsToTheHost(string how, string? stream)
    {
        var outcome = World.Shared.Shell($"\"$orca\" run {World.Busybox} true {how}").Ends(125);
        Assert.That(outcome.Errors, stream is null ? Is.Empty : Does.Contain($"cannot pass {stream} to the container: it is a directory").And.Contain("hint: "));
    }

    [Test]
    public void I05_TwoGigabytes_GoThroughToASlowReader()
        => World.Shared.Shell($"head -c 2147483648 /dev/zero | \"$orca\" run -i {World.Busybox} cat | {{ head -c 100000 | wc -c; sleep 1; wc -c; }}").Prints("100000\n2147383648");

    [Test]
    public void I06_OutputAndErrors_AreOneOnATerminal()
        => World.Shared.Shell($"\"$orca\" run -t {World.Busybox} sh -c 'echo out; echo err >&2' 2>errors </dev/null | tr -d '\\r'; wc -c < errors").Prints("out\nerr\n0");
}
