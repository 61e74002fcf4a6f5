using NUnit.Framework;
using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Tests.Cli.Parsing;

public sealed class LogTimeTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly CommandSyntax s_syntax = new() { Name = "orca logs", Usage = [""], Summary = "" };

    [TestCase("10m", "2026-01-02T02:54:05Z")]
    [TestCase("1h30m", "2026-01-02T01:34:05Z")]
    [TestCase("1.5s", "2026-01-02T03:04:03.5Z")]
    [TestCase("0", "1970-01-01T00:00:00Z")]
    [TestCase("1767322000.5", "2026-01-02T02:46:40.5Z")]
    [TestCase("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")]
    [TestCase("2026-01-01T00:00:00+02:00", "2025-12-31T22:00:00Z")]
    public void Time_IsRead(string text, string expected) =>
        Assert.That(LogTime.Read(text, "--since", s_now, s_syntax), Is.EqualTo(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture)));

    [TestCase("yesterday")]
    [TestCase("-5m")]
    [TestCase("5x")]
    [TestCase("99999999999999h")]
    public void Time_OfNoForm_IsRefused(string text) =>
        Assert.That(() => LogTime.Read(text, "--since", s_now, s_syntax), Throws.TypeOf<ReferenceException>());

    [Test]
    public void Keys_AreFoundAcrossReads_AndPassedOnButForTheLast()
    {
        var keys = DetachKeys.Parse("ctrl-p,ctrl-q", s_syntax);
        Assert.That(keys.Filter("ab\u0010"u8.ToArray()), Is.EqualTo(3));
        Assert.That(keys.Filter("x\u0010\u0010\u0011z"u8.ToArray()), Is.EqualTo(3));
        Assert.That(keys.IsComplete);
        Assert.That(() => DetachKeys.Parse("ctrl-", s_syntax), Throws.TypeOf<ReferenceException>());
    }
}
