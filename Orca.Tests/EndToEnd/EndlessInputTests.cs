using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Input that never ends, or is large, and whose beginning is that of no archive: it is refused before it is read.</summary>
[Category("EndToEnd")]
public sealed class EndlessInputTests
{
    private const string Zeros = "it begins with zeros, as the end of an archive does, so there is nothing in it", NoTar = "this is not a tar archive";

    [TestCase("$orca load < /dev/zero", Zeros)]
    [TestCase("$orca import - x:1 < /dev/zero", Zeros)]
    [TestCase("cat /dev/zero | $orca load", Zeros)]
    [TestCase("$orca run - < /dev/zero", Zeros)]
    [TestCase("$orca load < /dev/urandom", NoTar)]
    [TestCase("yes | $orca import - x:1", NoTar)]
    [TestCase("{ printf '\\004\\042\\115\\030'; cat /dev/zero; } | $orca load", "compressed with lz4")]
    [TestCase("truncate -s 64G big && $orca load big", Zeros)]
    [TestCase("head -c 10240 /dev/zero | $orca load", "there is nothing in it")]
    public void Beginning_Decides(string line, string cause)
    {
        using var home = new Home();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.That(home.Shell(line).Ends(125).Errors, Does.Contain(cause));
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(15), "64 GiB take longer");
    }
}
