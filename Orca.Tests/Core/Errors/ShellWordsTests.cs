using NUnit.Framework;
using Orca.Core.Errors;

namespace Orca.Tests.Core.Errors;

/// <summary>What a hint gives to type is read by a shell as it was meant, or not given.</summary>
public sealed class ShellWordsTests
{
    [TestCase("mkdir -p /a/b", "mkdir", "-p", "/a/b")]
    [TestCase("rm 'a b' 'it'\\''s' '$x' '~' ''", "rm", "a b", "it's", "$x", "~", "")]
    [TestCase("orca pull localhost:5000/x:1@sha256:ab", "orca", "pull", "localhost:5000/x:1@sha256:ab")]
    [TestCase("ls 'größe'", "ls", "größe")]
    [TestCase(null, "ls", "a\nb")]
    [TestCase(null, "ls", "a\\b")]
    [TestCase(null, "ls", "a\e[2Jb")]
    [TestCase(null, "ls", "a\u202Eb")]
    public void Join_IsReadAsTheSameWords(string? line, params string[] words) => Assert.That(ShellWords.Join(words), Is.EqualTo(line));

    [Test]
    public void Join_OfAWordThatAMessageWouldCut_IsNotGiven() => Assert.That(ShellWords.Join("ls", new string('x', 500)), Is.Null);
}
