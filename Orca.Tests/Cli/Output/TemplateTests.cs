using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Orca.Cli.Output.Templates;
using Orca.Core.Errors;

namespace Orca.Tests.Cli.Output;

/// <summary>Templates of Go's text/template, with the forms that docker's docs and podman's tests use. The results follow Go's documentation.</summary>
public sealed class TemplateTests
{
    private const string Json = """
        {"ID":"4bcff63911fc","Name":"/web","Names":["a","b"],"Size":7654321,"Running":true,"Paused":false,"Nothing":null,"Rate":1.5,
         "Config":{"Env":["PATH=/bin","A=1"],"Labels":{"b.c":"2","a":"1"}},"Mounts":[{"Source":"/s","Destination":"/d"},{"Source":"/t","Destination":"/e"}],"Empty":[]}
        """;

    [TestCase("{{.ID}}", "4bcff63911fc")]
    [TestCase("{{ .ID }}-{{.Running}}", "4bcff63911fc-true")]
    [TestCase("{{.Id}}", "4bcff63911fc")]
    [TestCase("{{.Config.Env}}", "[PATH=/bin A=1]")]
    [TestCase("{{.Config.Labels}}", "map[a:1 b.c:2]")]
    [TestCase("{{.Nothing}}", "<no value>")]
    [TestCase("{{json .Config.Env}}", """["PATH=/bin","A=1"]""")]
    [TestCase("{{json .Name}}|{{.Size | json}}", "\"/web\"|7654321")]
    [TestCase("{{index .Config.Labels \"b.c\"}}", "2")]
    [TestCase("{{index .Config.Labels \"none\"}}", "")]
    [TestCase("{{.Config.Labels.none}}", "<no value>")]
    [TestCase("{{index .Names 1}}", "b")]
    [TestCase("{{(index .Mounts 1).Source}}", "/t")]
    [TestCase("{{range .Mounts}}{{.Source}}:{{.Destination}} {{end}}", "/s:/d /t:/e ")]
    [TestCase("{{range $i, $m := .Mounts}}{{$i}}={{$m.Source}},{{$.ID}};{{end}}", "0=/s,4bcff63911fc;1=/t,4bcff63911fc;")]
    [TestCase("{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}}", "a=1;b.c=2;")]
    [TestCase("{{range .Empty}}x{{else}}none{{end}}", "none")]
    [TestCase("{{if .Running}}up{{else}}down{{end}}", "up")]
    [TestCase("{{if .Paused}}p{{else if .Running}}r{{else}}n{{end}}", "r")]
    [TestCase("{{with .Config}}{{len .Env}}{{end}}", "2")]
    [TestCase("{{if and .Running (not .Paused)}}yes{{end}}", "yes")]
    [TestCase("{{if or .Paused .Empty}}yes{{else}}no{{end}}", "no")]
    [TestCase("{{if eq .ID \"x\" \"4bcff63911fc\"}}same{{end}}", "same")]
    [TestCase("{{if gt .Size 100}}large{{end}}{{if lt .Rate 2}} slow{{end}}", "large slow")]
    [TestCase("{{join .Names \", \"}}", "a, b")]
    [TestCase("{{ join (split .Name \"/\") \"-\" }}", "-web")]
    [TestCase("{{printf \"%-6s|%5d|%t|%q|%v|%.2f|%%\" .Name .Size .Running .Name .Names .Rate}}", "/web  |7654321|true|\"/web\"|[a b]|1.50|%")]
    [TestCase("{{upper .Name}}{{lower \"AB\"}}{{title \"some words\"}}", "/WEBabSome Words")]
    [TestCase("{{.ID}}{{\"\\t\"}}{{.Name}}{{\"\\n\"}}", "4bcff63911fc\t/web\n")]
    [TestCase("a  {{- .ID -}}  b", "a4bcff63911fcb")]
    [TestCase("{{/* a comment */}}x{{- /* another */ -}} y", "xy")]
    [TestCase("{{$x := .ID}}{{slice $x 0 4}}", "4bcf")]
    [TestCase("{{truncate .ID 4}}|{{pad .Name 1 2}}|", "4bcf| /web  |")]
    [TestCase("{{.Name | upper | printf \"%s!\"}}", "/WEB!")]
    [TestCase("{{print .Size 1}} {{println \"x\"}}", "76543211 x\n")]
    [TestCase("\\t{{.ID}}\\n", "\t4bcff63911fc\n")]
    public void Template_GivesWhatGoGives(string template, string expected) => Assert.That(Fill(template), Is.EqualTo(expected));

    [TestCase("{{.Nme}}", "there is no field 'Nme'; there are ID, Name, ")]
    [TestCase("{{define \"x\"}}{{end}}", "'define' is a form that orca does not know")]
    [TestCase("{{template \"x\"}}", "'template' is a form that orca does not know")]
    [TestCase("{{call .ID}}", "'call' is a function that orca does not know")]
    [TestCase("{{html .ID}}", "'html' is a function that orca does not know")]
    [TestCase("{{.ID", "an action does not end: '}}' is missing")]
    [TestCase("{{if .ID}}x", "'if' has no '{{end}}'")]
    [TestCase("{{end}}", "there is nothing for 'end' to end")]
    [TestCase("{{}}", "a value is missing")]
    [TestCase("{{\"x}}", "a quoted text does not end")]
    [TestCase("{{index .Names 7}}", "there is no member 7")]
    [TestCase("{{printf \"%s\"}}", "'printf' has too few values")]
    [TestCase("{{printf \"%99999999s\" .ID}}", "a width is too large")]
    [TestCase("{{len .Size}}", "'len' cannot take these values")]
    [TestCase("{{eq .ID 1}}", "'eq' cannot compare '4bcff63911fc' with '1'")]
    [TestCase("{{$y}}", "there is no variable '$y'")]
    [TestCase("{{.ID ; .Name}}", "';' has no meaning there")]
    public void Template_ThatIsWrong_IsRefusedWithTheCause(string template, string cause) =>
        Assert.That(() => Fill(template), Throws.TypeOf<ReferenceException>().With.Message.StartsWith("cannot use format '").And.Message.Contains(cause));

    /// <summary>Every one would need more memory or time than the machine has.</summary>
    [TestCase(32, "(", ")", "it is too deep")]
    [TestCase(33, "{{if true}}", "{{end}}", "it is too deep")]
    public void Template_ThatIsDeep_IsRefused(int depth, string open, string close, string cause)
    {
        var template = open == "(" ? "{{" + string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth)) + "}}" : string.Concat(Enumerable.Repeat(open, depth)) + string.Concat(Enumerable.Repeat(close, depth));
        Assert.That(() => Fill(template), Throws.TypeOf<ReferenceException>().With.Message.Contains(cause));
    }

    [Test]
    public void Template_ThatDoublesItsText_IsStopped()
    {
        var template = "{{$x := \"0123456789\"}}" + string.Concat(Enumerable.Repeat("{{$x := printf \"%s%s\" $x $x}}", 40));
        Assert.That(() => Fill(template), Throws.TypeOf<ReferenceException>().With.Message.Contains("its result is too long"));
    }

    [Test]
    public void Template_OfLoopsInLoops_IsStopped()
    {
        var template = string.Concat(Enumerable.Repeat("{{range $.Names}}", 30)) + "x" + string.Concat(Enumerable.Repeat("{{end}}", 30));
        Assert.That(() => Fill(template), Throws.TypeOf<ReferenceException>().With.Message.Contains("its result is too long"));
    }

    [Test]
    public void Template_OfRandomBytes_IsATemplateOrRefused()
    {
        const string alphabet = "{}.$|\"`()-: \\nrange if else end with json index Names ID 0 1 eq printf %s := , /* */";
        var random = new Random(22);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder("{{");
            for (var n = random.Next(40); n > 0; n--)
            {
                var at = random.Next(alphabet.Length);
                text.Append(alphabet, at, Math.Min(random.Next(1, 6), alphabet.Length - at));
            }

            try
            {
                Fill(text.Append(random.Next(2) == 0 ? "}}" : string.Empty).ToString());
            }
            catch (ReferenceException)
            {
                // refused
            }
        }
    }

    [Test]
    public void Template_ForATerminal_EscapesWhatMovesTheCursor()
    {
        using var document = JsonDocument.Parse("""{"Labels":{"a":"\u001b[2Jx\u202e"}}""");
        Assert.That(Template.Parse("{{.Labels.a}}", isForTerminal: true).Fill(document.RootElement), Is.EqualTo("\\u001b[2Jx\\u202e"));
        Assert.That(Template.Parse("{{.Labels.a}}").Fill(document.RootElement), Is.EqualTo("\u001b[2Jx\u202e"));
    }

    private static string Fill(string template)
    {
        using var document = JsonDocument.Parse(Json);
        return Template.Parse(template).Fill(document.RootElement);
    }
}
