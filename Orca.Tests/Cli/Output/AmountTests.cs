using NUnit.Framework;
using Orca.Cli.Output;

namespace Orca.Tests.Cli.Output;

public sealed class AmountTests
{
    [TestCase(0, "0 B")]
    [TestCase(999, "999 B")]
    [TestCase(1000, "1.00 kB")]
    [TestCase(9994, "9.99 kB")]
    [TestCase(9996, "10.0 kB")]
    [TestCase(99_960, "100 kB")]
    [TestCase(999_499, "999 kB")]
    [TestCase(999_500, "1.00 MB")]
    [TestCase(620_000_000, "620 MB")]
    [TestCase(2e15, "2000 TB")]
    public void Bytes_HaveThreeDigits(double bytes, string expected) => Assert.That(Amount.Bytes(bytes), Is.EqualTo(expected));

    [TestCase(0.0012, "1.2 ms")]
    [TestCase(0.85, "850 ms")]
    [TestCase(3.24, "3.2 s")]
    [TestCase(245, "4 min 05 s")]
    [TestCase(7800, "2 h 10 min")]
    public void Time_IsShort(double seconds, string expected) => Assert.That(Amount.Time(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));

    [TestCase(-100, "just now")]
    [TestCase(59, "just now")]
    [TestCase(60, "1 minute ago")]
    [TestCase(7300, "2 hours ago")]
    [TestCase(86400 * 45, "45 days ago")]
    [TestCase(86400 * 90, "3 months ago")]
    [TestCase(86400 * 1000, "2 years ago")]
    public void Ago_IsRough(double seconds, string expected) => Assert.That(Amount.Ago(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));
}
