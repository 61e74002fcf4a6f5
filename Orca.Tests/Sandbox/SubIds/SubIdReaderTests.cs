using NUnit.Framework;
using Orca.Sandbox.SubIds;

namespace Orca.Tests.Sandbox.SubIds;

/// <summary>What a host says of subordinate ids, and what is made of it. Row H09.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SubIdReaderTests
{
    private const uint Ann = 1000, Staff = 50;
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal)
    {
        ["/etc/passwd"] = "root:x:0:0::/root:/bin/sh\nann:x:1000:50::/home/ann:/bin/sh\n",
        ["/etc/subuid"] = "bob:100000:65536\nann:200000:65536\n",
        ["/etc/subgid"] = "ann:300000:65536\n",
    };

    private readonly Dictionary<string, string> _programs = new(StringComparer.Ordinal);
    private string? _lacking;

    [Test]
    public void H09_ByName() => Has("200000-265535", "300000-365535");

    [Test]
    public void H09_ByNumber()
    {
        _files["/etc/subuid"] = "1000:200000:65536\n";
        _files["/etc/subgid"] = "1000:300000:65536\n";
        Has("200000-265535", "300000-365535");
    }

    [Test]
    public void H09_SeveralLines_AreTakenTogether()
    {
        _files["/etc/subuid"] = "ann:200000:60000\n1000:400000:5536\n";
        Has("200000-259999, 400000-405535", "300000-365535");
    }

    [Test]
    public void H09_LinesThatAreNone_OverlapOrHoldTheCaller_ArePassedOver()
    {
        _files["/etc/subuid"] = "# ann\nann\nann:x:5\nann:4294967000:65536\nann:-1:70000\nann:0:70000\nann:200000:65536\nann:265535:10\nann:500000:0\n";
        Has("200000-265535", "300000-365535");
    }

    [Test]
    public void H09_NoLine_IsSaid_AndTheCureGivesWhatIsFree()
    {
        _files["/etc/subuid"] = "bob:100000:65536\n";
        _files["/etc/subgid"] = "bob:600000:65536\n";
        Lacks("/etc/subuid has no line for 'ann'", "sudo usermod --add-subuids 665536-731071 --add-subgids 665536-731071 ann");
    }

    [Test]
    public void H09_NoFile_IsSaid()
    {
        _files.Remove("/etc/subgid");
        Lacks("/etc/subgid has no line for 'ann'", "--add-subgids 265536-331071 ann");
    }

    [Test]
    public void H09_TooFew_AreSaid()
    {
        _files["/etc/subuid"] = "ann:200000:65535\n";
        Lacks("/etc/subuid gives 'ann' 65535 ids, fewer than 65536", "usermod");
    }

    [Test]
    public void H09_SomebodyElsesToo_IsRefused()
    {
        _files["/etc/subuid"] = "bob:100000:165536\nann:200000:65536\n";
        Lacks("/etc/subuid gives 100000-265535 to 'bob' too", "usermod");
    }

    [Test]
    public void H09_NewuidmapIsMissing_IsSaid()
    {
        _lacking = "newuidmap is not installed";
        Lacks("newuidmap is not installed", "apt-get install uidmap");
    }

    [Test]
    public void H09_LinesOfAnotherSource_AreAskedFor()
    {
        _files["/etc/nsswitch.conf"] = "passwd: files sss\nsubid: sss\n";
        _programs["getsubids ann"] = "0: ann 2147483648 65536\n";
        _programs["getsubids -g ann"] = "0: ann 2147483648 65536\n";
        Has("2147483648-2147549183", "2147483648-2147549183");
    }

    [Test]
    public void H09_AnotherSourceWithoutGetsubids_IsSaid()
    {
        _files["/etc/nsswitch.conf"] = "subid: sss\n";
        Lacks("'sss' knows the sub-ids, and getsubids", "administrator");
    }

    [Test]
    public void H09_NoLineInTheFiles_GetsubidsKnows()
    {
        _files["/etc/subuid"] = _files["/etc/subgid"] = string.Empty;
        _programs["getsubids ann"] = _programs["getsubids -g ann"] = "0: ann 200000 65536\n1: ann 300000 65536\n";
        Has("200000-265535, 300000-365535", "200000-265535, 300000-365535");
    }

    [Test]
    public void H09_UserOfADirectoryService_HasTheNameThatGetentTells()
    {
        _files["/etc/passwd"] = "root:x:0:0::/root:/bin/sh\n";
        _programs["getent passwd 1000"] = "ann:*:1000:50:Ann:/home/ann:/bin/sh\n";
        Has("200000-265535", "300000-365535");
        _files["/etc/subuid"] = string.Empty;
        Lacks("/etc/subuid has no line for 'ann'", "'ann' comes from a directory service");
    }

    [Test]
    public void H09_UserWithoutAName_IsANumber()
    {
        _files["/etc/passwd"] = string.Empty;
        _files["/etc/subuid"] = string.Empty;
        Lacks("/etc/subuid has no line for '1000'", "administrator");
    }

    private void Has(string users, string groups)
    {
        var finding = Find();
        Assert.That(finding.Problem, Is.Null);
        Assert.That((string.Join(", ", finding.Ids!.Users), string.Join(", ", finding.Ids.Groups)), Is.EqualTo((users, groups)));
    }

    private void Lacks(string problem, string cure)
    {
        var finding = Find();
        Assert.That(finding.Ids, Is.Null);
        Assert.That(finding.Problem, Does.Contain(problem));
        Assert.That(finding.Cure, Does.Contain(cure));
    }

    private SubIdFinding Find() => new SubIdReader(
        path => _files.GetValueOrDefault(path),
        (program, arguments) => _programs.GetValueOrDefault($"{program} {string.Join(' ', arguments)}"),
        program => program == "newuidmap" ? _lacking : null).Find(Ann, Staff);
}
