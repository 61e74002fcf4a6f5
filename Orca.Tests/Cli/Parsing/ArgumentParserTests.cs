using NUnit.Framework;
using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Tests.Cli.Parsing;

/// <summary>Docker's rules for options (pflag's).</summary>
public sealed class ArgumentParserTests
{
    private static readonly Option Env = new('e', "env", "NAME", "");
    private static readonly Option Name = new(null, "name", "NAME", "");
    private static readonly Option Interactive = new('i', "interactive", null, "");
    private static readonly Option Tty = new('t', "tty", null, "");
    private static readonly Option Remove = new(null, "rm", null, "");

    private static readonly Option Upper = new(null, "upper", "SIZE", "") { Otherwise = "none" };

    private static readonly CommandSyntax Syntax = new() { Name = "orca run", Usage = [""], Summary = "", Argument = "IMAGE", Options = [Env, Name, Interactive, Tty, Remove, Upper] };

    [TestCase("--env A=1", "A=1")]
    [TestCase("--env=A=1", "A=1")]
    [TestCase("-e A=1", "A=1")]
    [TestCase("-eA=1", "A=1")]
    [TestCase("-e=A=1", "A=1")]
    [TestCase("-ite A=1", "A=1")]
    [TestCase("-iteA=1", "A=1")]
    [TestCase("--env=", "")]
    [TestCase("--env --name", "--name")]
    [TestCase("--env -", "-")]
    [TestCase("--env --", "--")]
    public void Value_InEveryForm_IsRead(string line, string expected) => Assert.That(Parse(line).Last(Env), Is.EqualTo(expected));

    [TestCase("--upper", "none")]
    [TestCase("--upper=1m", "1m")]
    [TestCase("--upper=", "")]
    [TestCase("--upper 1m", "none")]
    public void Value_ThatMayBeLeftOut_StandsBehindTheEqualsSignAlone(string line, string expected) => Assert.That(Parse(line).Last(Upper), Is.EqualTo(expected));

    [TestCase("--rm", true)]
    [TestCase("--rm=true", true)]
    [TestCase("--rm=1", true)]
    [TestCase("--rm=T", true)]
    [TestCase("--rm=false", false)]
    [TestCase("--rm=0", false)]
    [TestCase("--rm --rm=false", false)]
    [TestCase("", null)]
    public void Switch_InEveryForm_IsRead(string line, bool? expected) => Assert.That(Parse(line).Switch(Remove), Is.EqualTo(expected));

    [Test]
    public void Bundle_OfSwitches_SetsEach()
    {
        var parsed = Parse("-it");
        Assert.That((parsed.IsOn(Interactive), parsed.IsOn(Tty)), Is.EqualTo((true, true)));
    }

    [Test]
    public void Bundle_ThatEndsInEquals_TurnsTheLastOff()
    {
        var parsed = Parse("-it=false");
        Assert.That((parsed.Switch(Interactive), parsed.Switch(Tty)), Is.EqualTo(((bool?)true, (bool?)false)));
    }

    [Test]
    public void SwitchFollowedByWord_DoesNotTakeIt() => Assert.That(Parse("--rm false").Positionals, Is.EqualTo(["false"]));

    [Test]
    public void SingleOption_Repeated_LastWins() => Assert.That(Parse("--name a --name b --name=c").Last(Name), Is.EqualTo("c"));

    [Test]
    public void ListOption_Repeated_KeepsAllInOrder() => Assert.That(Parse("-e A --env B -eC").All(Env), Is.EqualTo(["A", "B", "C"]));

    [TestCase("image --rm -e A", "image|--rm|-e|A")]
    [TestCase("--rm -- --name x", "--name|x")]
    [TestCase("-- image -- a", "image|--|a")]
    [TestCase("image --", "image|--")]
    [TestCase("- a", "-|a")]
    [TestCase("image --help", "image|--help")]
    public void Options_StopAtTheFirstArgument(string line, string expected)
        => Assert.That(Parse(line).Positionals, Is.EqualTo(expected.Split('|')));

    [Test]
    public void EmptyArguments_StayEmptyArguments()
        => Assert.That(ArgumentParser.Parse(Syntax, ["image", "", "a", ""]).Positionals, Is.EqualTo(["image", "", "a", ""]));

    [Test]
    public void Interspersed_TakesOptionsAfterArguments()
    {
        var parsed = ArgumentParser.Parse(Syntax with { Interspersed = true }, ["a", "--rm", "b", "--", "-c"]);
        Assert.That(parsed.IsOn(Remove));
        Assert.That(parsed.Positionals, Is.EqualTo(["a", "b", "-c"]));
    }

    [TestCase("--nmae x", "cannot use option '--nmae': 'orca run' has no such option", "did you mean '--name'? see 'orca run --help'")]
    [TestCase("--inter", "cannot use option '--inter': 'orca run' has no such option", "did you mean '--interactive'? see 'orca run --help'")]
    [TestCase("--zzzzzz", "cannot use option '--zzzzzz': 'orca run' has no such option", "see 'orca run --help'")]
    [TestCase("-ix", "cannot use option '-x' (in '-ix'): 'orca run' has no such option", "see 'orca run --help'")]
    [TestCase("-é", "cannot use option '-é': 'orca run' has no such option", "see 'orca run --help'")]
    [TestCase("--", null, null)]
    [TestCase("--=x", "cannot use option '--': 'orca run' has no such option", "see 'orca run --help'")]
    [TestCase("--name", "cannot use option '--name': its value NAME is missing", "see 'orca run --help'")]
    [TestCase("-ie", "cannot use option '-e': its value NAME is missing", "see 'orca run --help'")]
    [TestCase("--rm=maybe", "cannot use option '--rm': 'maybe' is neither 'true' nor 'false'", "see 'orca run --help'")]
    [TestCase("-t=", "cannot use option '-t': '' is neither 'true' nor 'false'", "see 'orca run --help'")]
    [TestCase("--volumes-from x", "cannot use option '--volumes-from': mounts are not taken from another container", "name the directories again, with -v")]
    public void Wrong_SaysWhatAndWhatToType(string line, string? message, string? hint)
    {
        if (message is null)
        {
            Assert.That(() => Parse(line), Throws.Nothing);
            return;
        }

        var error = Assert.Throws<ReferenceException>(() => Parse(line));
        Assert.That((error.Message, error.Hint), Is.EqualTo((message, hint)));
    }

    [Test]
    public void Arguments_TooFewOrTooMany_AreRefused()
    {
        var one = Syntax with { AtLeast = 1, AtMost = 1, Interspersed = true };
        Assert.That(() => ArgumentParser.Parse(one, []), Throws.TypeOf<ReferenceException>().With.Message.EqualTo("cannot use 'orca run': IMAGE is missing"));
        Assert.That(() => ArgumentParser.Parse(one, ["a", "b"]), Throws.TypeOf<ReferenceException>().With.Message.EqualTo("cannot use argument 'b': 'orca run' takes one IMAGE"));
        Assert.That(() => ArgumentParser.Parse(one, ["--help"]), Throws.Nothing);
    }

    [Test]
    public void AnyArguments_GiveAResultOrAReferenceException()
    {
        string[] pieces = ["-", "--", "=", "e", "it", "name", "rm", "\udc80", "é", "\u0001", "", "A=1", "image", "--help", "-h"];
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var arguments = new string[random.Next(5)];
            for (var j = 0; j < arguments.Length; j++)
            {
                arguments[j] = string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => pieces[random.Next(pieces.Length)]));
            }

            try
            {
                ArgumentParser.Parse(Syntax, arguments);
            }
            catch (ReferenceException)
            {
                // The one kind that may escape.
            }
        }
    }

    private static ParsedArguments Parse(string line) => ArgumentParser.Parse(Syntax, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
