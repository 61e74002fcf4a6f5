using System.Diagnostics;
using NUnit.Framework;
using Orca.Registry.Remote;

namespace Orca.Tests.Registry.Remote;

[TestFixture]
public sealed class ChallengeTests
{
    private const string Full = "Bearer realm=https://a/t|service=s|scope=repository:a:pull,push";

    [TestCase("""Bearer realm="https://a/t",service="s",scope="repository:a:pull,push" """, Full)]
    [TestCase("""bearer realm="https://a/t",service="s",scope="repository:a:pull,push" """, "bearer realm=https://a/t|service=s|scope=repository:a:pull,push")]
    [TestCase("""Bearer realm = "https://a/t" , service = "s" , scope="repository:a:pull,push" """, Full)]
    [TestCase("""Bearer   realm="https://a/t",,service=s,scope="repository:a:pull,push",""", Full)]
    [TestCase("""Bearer REALM="https://a/t" """, "Bearer REALM=https://a/t")]
    [TestCase("Bearer realm=https://a/t?x=y,service=s", "Bearer realm=https://a/t?x=y|service=s")]
    [TestCase("""Bearer realm="a\"b\\c" """, "Bearer realm=a\"b\\c")]
    [TestCase("""Bearer realm="first",realm="second" """, "Bearer realm=first")]
    [TestCase("""Basic realm="x", Bearer realm="y",service="z" """, "Basic realm=x; Bearer realm=y|service=z")]
    [TestCase("""Bearer realm="y",Basic realm="x" """, "Bearer realm=y; Basic realm=x")]
    [TestCase("Negotiate", "Negotiate")]
    [TestCase("""Negotiate YWJj==, Bearer realm="y" """, "Negotiate; Bearer realm=y")]
    [TestCase("Negotiate, Basic realm=x", "Negotiate; Basic realm=x")]
    [TestCase("Bearer", "Bearer")]
    [TestCase("", "")]
    [TestCase(",,,", "")]
    [TestCase("=", "")]
    [TestCase("\"quoted\"", "")]
    [TestCase("""Bearer realm="unterminated""", "Bearer")]
    [TestCase("Bearer realm=", "Bearer")]
    [TestCase("Bearer realm", "Bearer")]
    [TestCase("Ünicode realm=x", "")]
    public void ParseAll_OfOneHeader_ReadsWhatIsWellFormed(string header, string expected) =>
        Assert.That(Describe(Challenge.ParseAll([header])), Is.EqualTo(expected));

    [Test]
    public void ParseAll_OfManyHeaders_ReadsAll() =>
        Assert.That(Describe(Challenge.ParseAll(["Basic realm=x", "garbage \"", "Bearer realm=y"])), Does.StartWith("Basic realm=x").And.EndsWith("Bearer realm=y"));

    [Test]
    public void ParseAll_OfHostileLength_TakesNoTime()
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var part in new[] { "a", "=", "\"", "a=", "a,", "a b,", "\\", "a=\"", " ", "A a=\"\\\"" })
        {
            for (var length = 100; length <= 100_000; length *= 10)
            {
                Challenge.ParseAll(["Bearer " + string.Concat(Enumerable.Repeat(part, length / part.Length))]);
            }
        }

        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void ParseAll_OfRandomText_NeverThrows()
    {
        var random = new Random(7);
        const string alphabet = "aB=\",\\ \t/+é\0Bearer";
        for (var i = 0; i < 100_000; i++)
        {
            Challenge.ParseAll([new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => alphabet[random.Next(alphabet.Length)])])]);
        }
    }

    private static string Describe(IEnumerable<Challenge> challenges) => string.Join("; ", challenges.Select(one => one.ToString()));
}
