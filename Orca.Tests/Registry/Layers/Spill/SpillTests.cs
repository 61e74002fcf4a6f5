using System.Text;
using CsCheck;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Layers.Spill;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;
using static Tmds.Linux.LibC;

namespace Orca.Tests.Registry.Layers.Spill;

/// <summary>What is kept in files when there is no memory must be what a collection in memory would have kept.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class SpillTests
{
    private static readonly Gen<long> s_memory = Gen.OneOf(Gen.Const(0L), Gen.Const(1L << 12), Gen.Const(1L << 16), Gen.Const(20L << 20));

    [Test]
    public void Table_HoldsWhatADictionaryHolds()
    {
        Run((space, random) =>
        {
            using var bits = SpillTable.OfBits(space, 7);
            using var words = SpillTable.OfWords(space);
            var known = new Dictionary<UInt128, ulong>();
            for (var i = random.Next(3000); i >= 0; i--)
            {
                var key = Key(random.Next(2500));
                var value = (ulong)random.NextInt64();
                known[key] = value;
                bits.Set(key, (value & 0x7F) | 1);
                words.Set(key, value);
                if (random.Next(2000) == 0)
                {
                    known.Clear();
                    bits.Clear();
                    words.Clear();
                }
            }

            bits.Change(static facts => facts ^ 2);
            for (var number = 0; number < 2500; number++)
            {
                var key = Key(number);
                var isKnown = known.TryGetValue(key, out var value);
                var found = (words.Contains(key), words.Get(key), bits.Contains(key), bits.Get(key));
                var expected = (isKnown, value, isKnown, isKnown ? ((value & 0x7F) | 1) ^ 2 : 0);
                if (found != expected) // an assertion for each would take most of the time
                {
                    Assert.Fail($"{key}: {found}, not {expected}");
                }
            }

            Assert.That((words.Count, bits.Count), Is.EqualTo((known.Count, known.Count)));
            var all = words.All().ToDictionary(static pair => pair.Key, static pair => pair.Value);
            Assert.That(all, Has.Count.EqualTo(known.Count));
            Assert.That(all.All(pair => known.TryGetValue(pair.Key, out var value) && value == pair.Value), Is.True);
        });
    }

    [Test]
    public void Stack_GivesBackWhatWasPushed_LastFirst() => Run((space, random) =>
    {
        using var stack = new SpillStack(space);
        var expected = new Stack<byte[]>();
        for (var i = random.Next(2000); i >= 0; i--)
        {
            if (random.Next(100) < (i / 500 % 2 == 0 ? 40 : 60))
            {
                var text = Text(random);
                stack.Push(text);
                expected.Push(text);
            }
            else if (expected.TryPop(out var text))
            {
                Assert.That(stack.Pop(), Is.EqualTo(text));
            }

            Assert.That(stack.Height > 0, Is.EqualTo(expected.Count > 0));
        }
    });

    [Test]
    [Category("Sweep")]
    public void Sorter_GivesAllInOrder_HoweverManyRuns() => Run((space, random) =>
    {
        var isDescending = random.Next(2) == 0;
        using var sorter = new SpillSorter(space, isDescending);
        for (var round = 0; round < 2; round++)
        {
            var texts = Enumerable.Range(0, random.Next(1000)).Select(_ => Text(random)).ToList();
            texts.ForEach(sorter.Add);
            var sorted = sorter.Drain().ToList();
            texts.Sort((a, b) => isDescending ? b.AsSpan().SequenceCompareTo(a) : a.AsSpan().SequenceCompareTo(b));
            Assert.That(sorted, Is.EqualTo(texts));
        }
    });

    [Test]
    public void Records_TheLastOfAPathIsValid_UntilItIsRemoved() => Run((space, random) =>
    {
        using var records = new PathRecords(space, fields: 4);
        var expected = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = random.Next(1500); i >= 0; i--)
        {
            var path = string.Join('/', Enumerable.Repeat($"d{random.Next(9)}", random.Next(1, 4))) + new string('x', random.Next(50) == 0 ? 5000 : 0);
            var hash = PathHash.Of(Encoding.ASCII.GetBytes(path));
            if (random.Next(3) == 0)
            {
                Assert.That(records.Remove(hash), Is.EqualTo(expected.Remove(path)));
            }
            else
            {
                expected[path] = i;
                records.Set(hash, Encoding.ASCII.GetBytes(path), BitConverter.GetBytes(i));
            }

            var fields = new byte[4];
            Assert.That(records.TryGet(hash, fields), Is.EqualTo(expected.TryGetValue(path, out var value)));
            Assert.That(BitConverter.ToInt32(fields), Is.EqualTo(value));
        }

        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        records.ForEach((path, fields) => found.Add(Encoding.ASCII.GetString(path), BitConverter.ToInt32(fields)));
        Assert.That(found, Is.EqualTo(expected));
        Assert.That(records.Count, Is.EqualTo(expected.Count));
        records.Clear();
        records.ForEach((_, _) => Assert.Fail("nothing is left"));
    });

    /// <summary>The disk is full, and the disk fails: it is the store that fails, and it says how.</summary>
    [Test]
    public void File_ThatCannotBeWrittenOrRead_IsTheStoresFault()
    {
        using var full = new SpillFile(FileSystem.Open(null, PathZ.From("/dev/full"), O_WRONLY));
        var refused = Assert.Throws<StoreException>(() => full.Write("x"u8, 5))!;
        Assert.That(refused.Message, Is.EqualTo("cannot keep what the image says of its paths: cannot write '/dev/full': ENOSPC (no space left on device)"));
        Assert.That((refused.Hint, StoreFaults.IsFull(refused)), Is.EqualTo((new LinuxException("write", "x", Errno.ENOSPC).Hint, true)));
        using var broken = new SpillFile(FileSystem.Open(null, PathZ.From("/proc/self/mem"), O_RDONLY));
        Assert.That(Assert.Throws<StoreException>(() => broken.Read(new byte[8], 0))!.Message, Does.Contain("cannot read '/proc").And.Contain("EIO"));
    }

    /// <summary>For file systems that have no files without a name, such as NFS.</summary>
    [Test]
    public void File_WithAName_HasNoneAnyMore()
    {
        using var canary = new CanaryTree(inMemory: true);
        using var directory = FileSystem.OpenDirectory(null, PathZ.From(canary.Root));
        using var file = new SpillFile(SpillSpace.OpenNamed(directory));
        Assert.That(Directory.GetFileSystemEntries(canary.Root), Is.Empty);
        var bytes = new byte[12];
        file.Write("twelve bytes"u8, 7);
        file.Read(bytes, 7);
        Assert.That(bytes, Is.EqualTo("twelve bytes"u8.ToArray()));
        file.Read(bytes, 14);
        Assert.That(bytes, Is.EqualTo("bytes\0\0\0\0\0\0\0"u8.ToArray()), "beyond the end are zeros");
    }

    /// <summary>Keys that share their lower word, their upper word, or none; the lowest seven bits are the table's.</summary>
    private static UInt128 Key(int number) => new(upper: (ulong)(number % 50), lower: (ulong)(number / 50) << 7);

    private static byte[] Text(Random random)
    {
        var text = new byte[random.Next(20) == 0 ? random.Next(9000) : random.Next(30)];
        random.NextBytes(text);
        return text;
    }

    private static void Run(Action<SpillSpace, Random> check)
    {
        using var canary = new CanaryTree(inMemory: true);
        using var directory = FileSystem.OpenDirectory(null, PathZ.From(canary.Root));
        Gen.Select(s_memory, Gen.Int).Sample(
            (memory, seed) =>
            {
                using var space = SpillSpace.In(directory, memory);
                check(space, new Random(seed));
            },
            iter: Sampling.Rounds(200), threads: 2);
        Assert.That(Directory.GetFileSystemEntries(canary.Root), Is.Empty);
        canary.AssertUntouched();
    }
}
