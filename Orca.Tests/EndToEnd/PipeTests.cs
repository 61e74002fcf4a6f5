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

    [Test]
    public void Descriptors_ClosedByTheCaller_DoNoHarm()
        => World.Shared.Shell($"\"$orca\" run {World.Busybox} sh -c 'exit 5' <&- >&- 2>&-").Ends(5);
}
