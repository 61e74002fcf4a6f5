using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.References;
using Orca.Registry.Store;

namespace Orca.Tests.Registry.Store;

/// <summary>A kept container remembers how its sandbox differs, and forgets nothing of it by accident.</summary>
public sealed class SecurityRecordTests
{
    [Test]
    public void Options_ReadBackAsTheyWereWritten()
    {
        var options = new SecurityOptions
        {
            AddCapabilities = ["NET_ADMIN"],
            DropCapabilities = ["ALL", "CHOWN"],
            Privileged = false,
            Seccomp = "/home/ann/policy.json",
            ShowSystemPaths = true,
            NoNewPrivileges = true,
            UserNamespace = UserNamespaceMode.SubIds,
        };
        var read = ReadBack(options);
        Assert.That(read.AddCapabilities, Is.EqualTo(options.AddCapabilities));
        Assert.That(read.DropCapabilities, Is.EqualTo(options.DropCapabilities));
        Assert.That(read with { AddCapabilities = [], DropCapabilities = [] }, Is.EqualTo(options with { AddCapabilities = [], DropCapabilities = [] }));
    }

    [Test]
    public void Options_AsUsual_TakeNoRoom()
    {
        Assert.That(System.Text.Encoding.UTF8.GetString(ContainerRecordWriter.Write(Record(new SecurityOptions()), isKept: true)), Does.Not.Contain("security"));
        Assert.That(ReadBack(new SecurityOptions()).UserNamespace, Is.Null);
    }

    [TestCase("\"apparmor\":\"x\"")]
    [TestCase("\"userns\":\"remap\"")]
    public void Restriction_OfALaterOrca_MakesTheRecordUnreadable(string field)
    {
        var json = System.Text.Encoding.UTF8.GetString(ContainerRecordWriter.Write(Record(new SecurityOptions { Privileged = true }), isKept: true));
        var later = json.Replace("\"privileged\":true", field, StringComparison.Ordinal);
        Assert.That(later, Is.Not.EqualTo(json));
        Assert.That(ContainerRecordReader.Read(System.Text.Encoding.UTF8.GetBytes(later)), Is.Null);
    }

    private static SecurityOptions ReadBack(SecurityOptions options) =>
        ContainerRecordReader.Read(ContainerRecordWriter.Write(Record(options), isKept: true))!.Value.Record.Options.Security;

    private static ContainerRecord Record(SecurityOptions options) => new()
    {
        Name = "work",
        Image = ImageReference.Parse("alpine"),
        ImageDigest = Digest.Parse("sha256:" + new string('a', 64)),
        Created = DateTimeOffset.UnixEpoch,
        Options = new RunOptions { Security = options },
    };
}
