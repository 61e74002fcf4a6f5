using System.Buffers;
using NUnit.Framework;
using Orca.Registry.Archives;
using Orca.Registry.Layers;

namespace Orca.Tests.Registry.Archives;

/// <summary>What is written is read again by the reader of layers, which trusts nothing.</summary>
internal sealed class TarHeaderWriterTests
{
    private static IEnumerable<TestCaseData> Items()
    {
        static TestCaseData Case(string name, TreeItem item) => new TestCaseData(item).SetArgDisplayNames(name);
        yield return Case("file", new TreeItem { Path = Name("etc/passwd"), Kind = EntryKind.File, Mode = 0x1A4, Size = 5, Modified = (1_000_000_000, 0) });
        yield return Case("set-id, owner", new TreeItem { Path = Name("bin/su"), Kind = EntryKind.File, Mode = 0x9ED, Uid = 33, Gid = 42 });
        yield return Case("root", new TreeItem { Kind = EntryKind.Directory, Mode = 0x1ED });
        yield return Case("name of 100", new TreeItem { Path = Name(new string('n', 100)), Kind = EntryKind.File });
        yield return Case("name of 101", new TreeItem { Path = Name(new string('n', 101)), Kind = EntryKind.File });
        yield return Case("prefix of 155", new TreeItem { Path = Name(new string('p', 155) + "/" + new string('n', 100)), Kind = EntryKind.File });
        yield return Case("prefix of 156", new TreeItem { Path = Name(new string('p', 156) + "/" + new string('n', 100)), Kind = EntryKind.File });
        yield return Case("directory whose slash is the hundred and first", new TreeItem { Path = Name("d/" + new string('n', 98)), Kind = EntryKind.Directory });
        yield return Case("deep", new TreeItem { Path = Name(string.Join('/', Enumerable.Repeat("directory", 300))), Kind = EntryKind.Directory });
        yield return Case("bytes that are no text", new TreeItem { Path = [0xFF, 0xFE, (byte)'\n', 0x1b], Kind = EntryKind.File });
        yield return Case("link", new TreeItem { Path = Name("a"), Kind = EntryKind.SymbolicLink, Target = Name("/b") });
        yield return Case("long link", new TreeItem { Path = Name("a"), Kind = EntryKind.SymbolicLink, Target = Name(new string('t', 4000)) });
        yield return Case("hard link", new TreeItem { Path = Name("a"), Kind = EntryKind.HardLink, Target = Name("b/c") });
        yield return Case("fifo", new TreeItem { Path = Name("p"), Kind = EntryKind.Fifo, Mode = 0x1A4 });
        yield return Case("device", new TreeItem { Path = Name("dev/x"), Kind = EntryKind.CharDevice, Device = (4095, 1_048_575) });
        yield return Case("large numbers", new TreeItem { Path = Name("x"), Kind = EntryKind.Directory, Uid = 4_294_967_294, Gid = 2_097_152, Modified = (8_589_934_592, 0) });
        yield return Case("nanoseconds", new TreeItem { Path = Name("x"), Kind = EntryKind.File, Modified = (1, 500_000_000) });
        yield return Case("before 1970", new TreeItem { Path = Name("x"), Kind = EntryKind.File, Modified = (-2, 250_000_000) });
        var xattrs = new TreeItem { Path = Name("x"), Kind = EntryKind.File };
        xattrs.Xattrs.Add((Name("user.a"), [0, 10, (byte)'=', 0xFF]));
        xattrs.Xattrs.Add((Name("user.b"), []));
        yield return Case("xattrs", xattrs);
    }

    [TestCaseSource(nameof(Items))]
    public void Item_IsReadAsItWasWritten(TreeItem item)
    {
        var entry = Read(Write(item));
        Assert.That(entry.Name.ToArray().AsSpan().TrimEnd((byte)'/').ToArray(), Is.EqualTo(item.Path.Length == 0 ? "."u8.ToArray() : item.Path));
        Assert.That((entry.Kind, entry.Mode, entry.Uid, entry.Gid, entry.Modified, entry.Size), Is.EqualTo((item.Kind, item.Mode, item.Uid, item.Gid, item.Modified, item.Size)));
        Assert.That(entry.Target.ToArray(), Is.EqualTo(item.Target));
        Assert.That(entry.Device, Is.EqualTo(item.Device));
        Assert.That(entry.Xattrs.Count, Is.EqualTo(item.Xattrs.Count));
        for (var i = 0; i < entry.Xattrs.Count; i++)
        {
            Assert.That(entry.Xattrs.NameZ(i)[..^1].ToArray(), Is.EqualTo(item.Xattrs[i].Name));
            Assert.That(entry.Xattrs.Value(i).ToArray(), Is.EqualTo(item.Xattrs[i].Value));
        }
    }

    [Test]
    public void FileOfNineGibibytes_HasItsSizeInARecord()
    {
        var header = Write(new TreeItem { Path = Name("big"), Kind = EntryKind.File, Size = 9L << 30 });
        Assert.That(System.Text.Encoding.ASCII.GetString(header), Does.Contain(" size=9663676416\n"));
    }

    [Test]
    public void OrdinaryItem_IsOneBlock() =>
        Assert.That(Write(new TreeItem { Path = Name("a"), Kind = EntryKind.Directory }), Has.Length.EqualTo(512));

    private static byte[] Name(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static byte[] Write(TreeItem item)
    {
        var buffer = new ArrayBufferWriter<byte>();
        TarHeaderWriter.Write(buffer, item);
        return buffer.WrittenSpan.ToArray();
    }

    private static LayerEntry Read(byte[] header)
    {
        using var tar = new TarReader(new MemoryStream([.. header, .. new byte[1024]]), new LayerBudget(LayerLimits.Default), 1);
        Assert.That(tar.Next(), Is.True);
        return tar.Entry;
    }
}
