using NUnit.Framework;
using Orca.Registry.Store;

namespace Orca.Tests.Registry.Store;

public sealed class ContainerStatusTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [TestCase("started 1700000000 0\n", null)]
    [TestCase("started 1700000000 0\nended 7 1700000001 500000000\n", 7)]
    [TestCase("started 1700000000 0\nended 7 17000000", null)]
    [TestCase("started 1700000000 0\nended x 1700000001 0\n", null)]
    public void Status_IsReadByWholeLines(string text, int? code) => Assert.That((ContainerStatus.Parse(text)?.Started, ContainerStatus.Parse(text)?.ExitCode), Is.EqualTo((s_start, code)));

    [TestCase("")]
    [TestCase("started 1700000000")]
    [TestCase("ended 7 1700000001 0\n")]
    [TestCase("started 99999999999999999 0\n")]
    [TestCase("started 1700000000 9999999999\n")]
    [TestCase("\0\0\0\0\n")]
    public void Status_WithoutAStart_IsNone(string text) => Assert.That(ContainerStatus.Parse(text), Is.Null);
}
