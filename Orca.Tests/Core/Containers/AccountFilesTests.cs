using System.Text;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.Core.Containers;

/// <summary>A user whom the image does not know has an entry inside.</summary>
public sealed class AccountFilesTests
{
    private static readonly ImageConfig s_image = new() { Platform = Platform.Current, DiffIds = [], Cmd = ["sh"], WorkingDir = "/work" };

    private static readonly Surroundings s_surroundings = new()
    {
        Root = new RootFileSystem { Store = "/store", Directory = "containers/c" },
        DefaultHostname = "box",
        Passwd = "root:x:0:0::/root:/bin/sh\ngames:x:5:60::/usr/games:/bin/sh\n"u8.ToArray(),
        Group = "root:x:0:\ngames:x:60:\nusers:x:100:"u8.ToArray(),
        CallerUid = 1000,
        CallerGid = 1000,
        Caller = new HostAccount("ann", "Ann Lee,,,", "/home/ann", "ann"),
    };

    [TestCase(null, false, "", "", TestName = "Root_IsKnown")]
    [TestCase("games", false, "", "", TestName = "User_OfTheImage_IsKnown")]
    [TestCase("5", false, "", "", TestName = "Number_OfTheImage_IsKnown")]
    [TestCase("4711", false, "4711:*:4711:0:container user:/:/bin/sh", "", TestName = "Number_NobodyHas_IsItsName")]
    [TestCase("4711:4712", false, "4711:*:4711:4712:container user:/:/bin/sh", "4712:x:4712:", TestName = "Group_NobodyHas_Likewise")]
    [TestCase("games:4712", false, "", "4712:x:4712:", TestName = "Group_NobodyHas_OfAKnownUser")]
    [TestCase("1000:100", false, "ann:*:1000:100:Ann Lee,,,:/:/bin/sh", "", TestName = "Number_OfTheCaller_HasTheCallersName")]
    [TestCase(null, true, "ann:*:1000:1000:Ann Lee,,,:/:/bin/sh", "ann:x:1000:", TestName = "KeepId_HasTheCallersName")]
    [TestCase("4711", true, "4711:*:4711:0:container user:/:/bin/sh", "", TestName = "KeepId_OfAnotherUser_IsANumber")]
    public void Entries(string? user, bool keepId, string passwd, string group)
    {
        var options = new RunOptions { Process = new() { User = user }, Security = new SecurityOptions { UserNamespace = keepId ? UserNamespaceMode.KeepId : null } };
        var files = SandboxSpecBuilder.Build(s_image, options, s_surroundings).RootFiles.ToDictionary(file => file.Path, file => Encoding.UTF8.GetString(file.Content.Span));
        Assert.That(files.GetValueOrDefault("/etc/passwd"), Is.EqualTo(passwd.Length == 0 ? null : Encoding.UTF8.GetString(s_surroundings.Passwd!) + passwd + "\n"));
        Assert.That(files.GetValueOrDefault("/etc/group"), Is.EqualTo(group.Length == 0 ? null : Encoding.UTF8.GetString(s_surroundings.Group!) + "\n" + group + "\n"), "the last line had no end");
    }

    /// <summary>A kept container remembers the line of a number, and loses it when another user runs in it: the number is then free for useradd.</summary>
    [TestCase("0", false, true, TestName = "OwnLine_GoesWhenAnotherRuns")]
    [TestCase("4711", false, false, TestName = "OwnLine_StaysForItsUser")]
    [TestCase("0", true, false, TestName = "OwnLine_OfAnImage_Stays")]
    public void OwnLines(string user, bool isVolatile, bool goes)
    {
        const string passwd = "root:x:0:0::/root:/bin/sh\n4711:*:4711:4712:container user:/:/bin/sh\n4713:x:4713:0:container user:/:/bin/sh\nbob:*:4714:0:container user:/:/bin/sh\n";
        const string group = "root:x:0:\n4712:x:4712:\n4713:x:4713:bob\n";
        var surroundings = s_surroundings with
        {
            Root = s_surroundings.Root with { Volatile = isVolatile },
            Passwd = Encoding.UTF8.GetBytes(passwd),
            Group = Encoding.UTF8.GetBytes(group),
        };
        var files = SandboxSpecBuilder.Build(s_image, new RunOptions { Process = new() { User = user + (goes ? "" : ":4712") } }, surroundings).RootFiles
            .ToDictionary(file => file.Path, file => Encoding.UTF8.GetString(file.Content.Span));
        Assert.That(files.GetValueOrDefault("/etc/passwd"), Is.EqualTo(goes ? passwd.Replace("4711:*:4711:4712:container user:/:/bin/sh\n", "", StringComparison.Ordinal) : null));
        Assert.That(files.GetValueOrDefault("/etc/group"), Is.EqualTo(goes ? group.Replace("4712:x:4712:\n", "", StringComparison.Ordinal) : null));
    }

    [TestCase("games", Description = "another's inside")]
    [TestCase("a:b")]
    [TestCase("a\nroot2:x:0:0")]
    [TestCase("+")]
    [TestCase("")]
    public void Name_ThatCannotStand_GivesWayToTheNumber(string name) => Assert.That(Passwd(Keep, s_surroundings with { Caller = s_surroundings.Caller! with { Name = name } }), Does.EndWith("\n1000:*:1000:1000:Ann Lee,,,:/:/bin/sh\n"));

    [Test]
    public void Field_ThatWouldBreakTheLine_IsLeftOut() => Assert.That(
        Passwd(Keep, s_surroundings with { Caller = new HostAccount("ann", "x:0:0\n", "/ho:me", null) }), Does.EndWith("\nann:*:1000:1000::/:/bin/sh\n"));

    [TestCase("/home/ann", true)]
    [TestCase("/home", true)]
    [TestCase("/home/an", false)]
    [TestCase("/home/ann/src", false)]
    public void Home_IsTheCallers_WhereAMountShowsIt(string mounted, bool shown)
    {
        var spec = SandboxSpecBuilder.Build(s_image, Keep with { Files = new() { Mounts = [new BindMount("/x", mounted, false)] } }, s_surroundings);
        Assert.That(spec.Env, Does.Contain(shown ? "HOME=/home/ann" : "HOME=/"));
        Assert.That(Encoding.UTF8.GetString(spec.RootFiles[0].Content.Span), Does.Contain(shown ? ":/home/ann:/bin/sh" : ":/:/bin/sh"));
    }

    [TestCase("/etc/passwd", "/etc/group")]
    [TestCase("/etc", "")]
    public void File_ThatAMountCovers_IsLeftAlone(string mounted, string left)
    {
        foreach (var options in new[] { Keep with { Files = new() { Mounts = [new BindMount("/x", mounted, false)] } }, Keep with { Files = new() { TemporaryMounts = [TemporaryMount.Parse(mounted)] } } })
        {
            Assert.That(string.Join(' ', SandboxSpecBuilder.Build(s_image, options, s_surroundings).RootFiles.Select(file => file.Path)), Is.EqualTo(left));
        }
    }

    [Test]
    public void Image_WithoutTheFiles_GetsNone() =>
        Assert.That(SandboxSpecBuilder.Build(s_image, Keep, s_surroundings with { Passwd = null, Group = null }).RootFiles, Is.Empty);

    [Test]
    public void Caller_IsFoundInTheHostsFiles_OrSaidByTheLogin()
    {
        var (passwd, group) = ("# 1000\nann:x:1000:100:Ann:/home/ann:/bin/bash\n+::::::\n"u8.ToArray(), "users:x:100:\n"u8.ToArray());
        Assert.That(HostAccountProbe.Of(1000, 100, passwd, group, Variable), Is.EqualTo(new HostAccount("ann", "Ann", "/home/ann", "users")));
        Assert.That(HostAccountProbe.Of(1001, 101, passwd, group, Variable), Is.EqualTo(new HostAccount("net", string.Empty, "/net/home", null)));
        Assert.That(HostAccountProbe.Of(1001, 101, passwd, group, _ => null), Is.Null);

        static string? Variable(string name) => name switch { "USER" => "net", "HOME" => "/net/home", _ => null };
    }

    private static RunOptions Keep { get; } = new() { Security = new SecurityOptions { UserNamespace = UserNamespaceMode.KeepId } };

    private static string Passwd(RunOptions options, Surroundings surroundings) =>
        Encoding.UTF8.GetString(SandboxSpecBuilder.Build(s_image, options, surroundings).RootFiles.First(file => file.Path == "/etc/passwd").Content.Span);
}
