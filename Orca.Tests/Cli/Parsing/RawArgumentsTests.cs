using NUnit.Framework;
using Orca.Cli.Parsing;
using Orca.Core.Linux;

namespace Orca.Tests.Cli.Parsing;

/// <summary>Arguments are bytes.</summary>
public sealed class RawArgumentsTests
{
    [Test]
    public void PlainArguments_AreNotReadAgain()
    {
        string[] arguments = ["run", "é", ""];
        Assert.That(RawArguments.Restore(arguments, () => throw new InvalidOperationException()), Is.SameAs(arguments));
    }

    [Test]
    public void LostBytes_AreRestoredFromTheEnd()
    {
        byte[] raw = [(byte)'a', 0xFF, (byte)'b'];
        var restored = RawArguments.Restore(["", "a\uFFFDb", "c"], () => ["dotnet"u8.ToArray(), "orca.dll"u8.ToArray(), [], raw, "c"u8.ToArray()]);
        Assert.That(restored.Select(NativeText.Encode), Is.EqualTo(new[] { [], raw, "c"u8.ToArray() }));
    }

    [Test]
    public void ReplacementCharacter_TypedByTheUser_StaysItself()
        => Assert.That(RawArguments.Restore(["\uFFFD"], () => ["orca"u8.ToArray(), "\uFFFD"u8.ToArray()]), Is.EqualTo(["\uFFFD"]));
}
