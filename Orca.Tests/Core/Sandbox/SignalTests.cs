using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Core.Sandbox;

public sealed class SignalTests
{
    [TestCase("SIGTERM", 15)]
    [TestCase("term", 15)]
    [TestCase("SigInt", 2)]
    [TestCase("9", 9)]
    [TestCase("64", 64)]
    [TestCase("SYS", 31)]
    [TestCase("SIGRTMIN", 34)]
    [TestCase("SIGRTMIN+3", 37, Description = "what systemd takes as PID 1")]
    [TestCase("RTMAX-14", 50)]
    [TestCase("RTMIN+30", 64)]
    public void Parse_KnowsNamesAndNumbers(string text, int number) => Assert.That(Signal.Parse(text).Number, Is.EqualTo(number));

    [TestCase("")]
    [TestCase("0")]
    [TestCase("65")]
    [TestCase("-9")]
    [TestCase("+9")]
    [TestCase(" 9")]
    [TestCase("SIG")]
    [TestCase("SIG9")]
    [TestCase("SIGSIGTERM")]
    [TestCase("RTMIN+31")]
    [TestCase("RTMIN-1")]
    [TestCase("RTMIN+")]
    [TestCase("RTMAX-31")]
    [TestCase("RTMIN+99999999999")]
    [TestCase("TERM\n")]
    public void Parse_AnythingElse_IsRefused(string text)
    {
        Assert.That(() => Signal.Parse(text), Throws.TypeOf<SandboxException>().With.Message.StartsWith("cannot use signal '"));
        Assert.That(Signal.TryParse(text, out _), Is.False);
    }

    [TestCase("15", "SIGTERM")]
    [TestCase("37", "37")]
    public void Text_CanBeReadAgain(string text, string expected)
    {
        Assert.That(Signal.Parse(text).ToString(), Is.EqualTo(expected));
        Assert.That(Signal.Parse(expected), Is.EqualTo(Signal.Parse(text)));
    }
}
