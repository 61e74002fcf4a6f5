using System.Text;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>How a command ended.</summary>
/// <param name="Status">Its exit status; 128+n when signal n ended it.</param>
/// <param name="Bytes">What it wrote to its standard output.</param>
/// <param name="Errors">What it wrote to its standard error.</param>
internal sealed record Outcome(int Status, byte[] Bytes, string Errors)
{
    public string Output => Text(Bytes);

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Fails the test unless the status is the one expected.</summary>
    public Outcome Ends(int status)
    {
        Assert.That(Status, Is.EqualTo(status), () => $"output: {Output}\nerrors: {Errors}");
        return this;
    }

    public Outcome Succeeds() => Ends(0);

    /// <summary>Fails the test unless the errors hold the text.</summary>
    public Outcome Complains(string text)
    {
        Assert.That(Errors, Does.Contain(text));
        return this;
    }

    /// <summary>Succeeds with exactly this output, its last line break left out.</summary>
    public void Prints(string output)
    {
        Succeeds();
        Assert.That(Output.TrimEnd('\n'), Is.EqualTo(output), () => $"errors: {Errors}");
    }
}
