using System.Text;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;

namespace Orca.Tests.Core.Containers;

/// <summary>The time zone of a container.</summary>
public sealed class TimeZoneFilesTests
{
    private static readonly byte[] s_utc = "TZif...\nUTC0\n"u8.ToArray();
    private static readonly byte[] s_berlin = "TZif...\nCET-1CEST,M3.5.0,M10.5.0/3\n"u8.ToArray();
    private static readonly ZoneFacts s_facts = new("Europe/Berlin", Asked: false, InImage: true, HostZone: null, Current: s_utc, HasNameFile: false);

    [Test]
    public void ZoneInTheImage_IsLinkedByName()
    {
        var file = TimeZoneFiles.Of(s_facts).Single();
        Assert.That((file.Path, file.Target), Is.EqualTo(("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin")));
    }

    [Test]
    public void ZoneOfAnImageWithoutAny_IsTheHostsFile()
    {
        var files = TimeZoneFiles.Of(s_facts with { InImage = false, HostZone = s_berlin, Current = null });
        Assert.That(files.Single().Target, Is.Null);
        Assert.That(files.Single().Content.ToArray(), Is.EqualTo(s_berlin));
    }

    [Test]
    public void NameFile_FollowsWhereThereIsOne() =>
        Assert.That(Encoding.ASCII.GetString(TimeZoneFiles.Of(s_facts with { HasNameFile = true })[1].Content.Span), Is.EqualTo("Europe/Berlin\n"));

    [Test]
    public void ZoneThatTheImageChose_IsLeft_UnlessTheRunAsks()
    {
        Assert.That(TimeZoneFiles.Of(s_facts with { Current = s_berlin }), Is.Empty);
        Assert.That(TimeZoneFiles.Of(s_facts with { Current = s_berlin, Asked = true }), Has.Count.EqualTo(1));
    }

    [Test]
    public void ZoneThatNobodyKnows_IsRefusedOnlyWhenAskedFor()
    {
        var unknown = s_facts with { InImage = false, HostZone = null };
        Assert.That(TimeZoneFiles.Of(unknown), Is.Empty);
        Assert.That(() => TimeZoneFiles.Of(unknown with { Asked = true }), Throws.TypeOf<SandboxException>());
        Assert.That(TimeZoneFiles.Of(null), Is.Empty);
    }

    [TestCase("Europe/Berlin", true)]
    [TestCase("Etc/GMT+5", true)]
    [TestCase("America/Argentina/Buenos_Aires", true)]
    [TestCase("../../../etc/shadow", false)]
    [TestCase("Europe/../x", false)]
    [TestCase("/etc/passwd", false)]
    [TestCase("Europe/", false)]
    [TestCase("", false)]
    [TestCase("a b", false)]
    [TestCase("a\nb", false)]
    public void Name_IsAPathBelowTheZonesAndNoMore(string name, bool valid) => Assert.That(TimeZoneFiles.IsName(name), Is.EqualTo(valid));
}
