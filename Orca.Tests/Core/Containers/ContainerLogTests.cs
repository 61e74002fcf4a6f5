using System.Buffers.Binary;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Linux;

namespace Orca.Tests.Core.Containers;

public sealed class ContainerLogTests
{
    private string _directory = "";

    [SetUp]
    public void SetUp() => _directory = Directory.CreateTempSubdirectory("orca-log-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Records_OfTheOlderHalf_ComeFirst()
    {
        Append("log.1", 1, "old");
        Append("log", 2, "new");
        Assert.That(All(), Is.EqualTo([(1, "old"), (2, "new")]));
    }

    [Test]
    public void Record_ThatIsBeingWritten_IsReadWhenItIsWhole()
    {
        Append("log", 1, "first");
        var path = Path.Combine(_directory, "log");
        var whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..^1]);
        using var log = Open();
        Assert.That(log.TryRead(out _), Is.False);
        File.WriteAllBytes(path, whole);
        Assert.That(log.TryRead(out var record) && record.Bytes.Span.SequenceEqual("first"u8));
    }

    [Test]
    public void Reader_GoesOnInTheNewFile_AfterTheRestOfTheOld()
    {
        Append("log", 1, "one");
        using var log = Open();
        Assert.That(log.TryRead(out _));
        Append("log", 1, "two");
        File.Move(Path.Combine(_directory, "log"), Path.Combine(_directory, "log.1"));
        Append("log", 1, "three");
        var rest = new List<string>();
        while (log.TryRead(out var record))
        {
            rest.Add(System.Text.Encoding.ASCII.GetString(record.Bytes.Span));
        }

        Assert.That(rest, Is.EqualTo(["two", "three"]));
    }

    /// <summary>A file that somebody has damaged ends there; it costs neither memory nor the reader's life.</summary>
    [TestCase(0xFFFFFFFFu, 1u)]
    [TestCase(4u, 9u)]
    [TestCase(4u, 0u)]
    public void Record_ThatMakesNoSense_EndsTheFile(uint length, uint stream)
    {
        Append("log", 1, "good");
        var head = new byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), length);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12), stream);
        using (var file = new FileStream(Path.Combine(_directory, "log"), FileMode.Append))
        {
            file.Write(head);
        }

        Assert.That(All(), Is.EqualTo([(1, "good")]));
    }

    [Test]
    public void NoLog_IsNoRecord()
    {
        using var log = Open();
        Assert.That((log.Exists, log.TryRead(out _)), Is.EqualTo((false, false)));
    }

    private ContainerLog Open() => new(FileSystem.OpenDirectory(null, PathZ.From(_directory)));

    private List<(int Stream, string Text)> All()
    {
        using var log = Open();
        var all = new List<(int, string)>();
        while (log.TryRead(out var record))
        {
            all.Add((record.Stream, System.Text.Encoding.ASCII.GetString(record.Bytes.Span)));
        }

        return all;
    }

    private void Append(string name, uint stream, string text)
    {
        var bytes = new byte[16 + text.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, 1_700_000_000_000_000_000);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), (uint)text.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), stream);
        System.Text.Encoding.ASCII.GetBytes(text, bytes.AsSpan(16));
        using var file = new FileStream(Path.Combine(_directory, name), FileMode.Append);
        file.Write(bytes);
    }
}
