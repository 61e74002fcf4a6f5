using System.Diagnostics;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Tests.Architecture;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Fuzz;

/// <summary>Feeds mutated inputs to one reader of foreign bytes, a bounded number of them in <c>make test</c>, for as long as one likes in <c>make fuzz</c>.</summary>
/// <remarks>
/// <para>Held for each input: nothing escapes but <see cref="OrcaException"/>, in one line of text; no more memory is allocated than the target allows; and it comes
/// to an end. What the target itself holds, <c>check</c> asserts.</para>
/// <para>An input whose outcome is new (another cause of refusal, another shape) joins the corpus of the run, so that mutations go on from there.
/// ORCA_TEST_FUZZ_SECONDS is the time for each target, ORCA_TEST_SEED the seed. What fails is written to artifacts/fuzz/ and belongs into Corpus/ once it is mended.</para>
/// </remarks>
internal sealed class FuzzTarget(string name, IEnumerable<byte[]> corpus, string[] words)
{
    private const int MaxCorpus = 2000;

    /// <summary>Nothing takes a thousandth of it; only what never ends, takes it.</summary>
    private static readonly TimeSpan s_endless = TimeSpan.FromMinutes(2);

    private static readonly double? s_seconds = TestSwitches.FuzzSeconds;

    private readonly List<byte[]> _corpus = [.. corpus];
    private readonly HashSet<string> _outcomes = new(StringComparer.Ordinal);
    private byte[] _input = [];
    private long _round;
    private long _seen = -1;

    /// <summary>How many inputs are tried when no time is set.</summary>
    internal required int Rounds { get; init; }

    /// <summary>What one input may make the product allocate, in bytes.</summary>
    internal long MaxAllocated { get; init; } = 64 << 20;

    /// <summary>In what units the format is cut up, for changes that keep what comes after in its place.</summary>
    internal int Block { get; init; } = 1;

    /// <summary>Makes a mutated input pass the first check of its format, as a checksum, where one in some does not.</summary>
    internal Action<byte[]> Mend { get; init; } = static _ => { };

    private static int Seed => TestSwitches.Seed;

    /// <summary>The corpus that lies in a directory of Corpus/.</summary>
    internal static List<byte[]> Files(string directory) =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "Orca.Tests", "Fuzz", "Corpus", directory)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    /// <summary>Runs until the rounds or the time are over.</summary>
    /// <param name="check">Feeds one input and says in a word what came out.</param>
    internal void Run(Func<byte[], string> check)
    {
        (s_seconds is null ? TestContext.Out : TestContext.Progress).WriteLine($"{name}: {Sampling.Seed}");
        Exception? failure = null;
        var thread = new Thread(() => failure = Loop(check), 1 << 20) { IsBackground = true };
        thread.Start();
        while (!thread.Join(s_endless))
        {
            if (Interlocked.Exchange(ref _seen, Volatile.Read(ref _round)) == Volatile.Read(ref _round))
            {
                failure = new TimeoutException("it does not come to an end");
                break;
            }
        }

        if (failure is not null)
        {
            Assert.Fail($"{name}, {Sampling.Seed}, round {_round}, input in {Save()}: {failure}");
        }

        (s_seconds is null ? TestContext.Out : TestContext.Progress).WriteLine($"{name}: {_round} inputs, {_outcomes.Count} outcomes");
        Assert.That(_outcomes, Has.Count.GreaterThan(1), "all inputs came to the same: the mutations reach nothing");
    }

    private Exception? Loop(Func<byte[], string> check)
    {
        var (random, mutator, given) = (new Random(Seed), new Mutator(words, Block), _corpus.Count);
        var rounds = Sampling.Rounds(Rounds);
        var watch = Stopwatch.StartNew();
        try
        {
            for (; s_seconds is { } seconds ? watch.Elapsed.TotalSeconds < seconds : _round < rounds; Volatile.Write(ref _round, _round + 1))
            {
                // The corpus comes first, as it is.
                _input = _round < given ? _corpus[(int)_round] : mutator.Make(random, _corpus);
                if (_round >= given && random.Next(8) > 0)
                {
                    Mend(_input);
                }

                var outcome = Feed(check);
                if (_outcomes.Add(outcome) && _corpus.Count < MaxCorpus)
                {
                    _corpus.Add(_input);
                }
            }
        }
        catch (Exception e)
        {
            return e;
        }

        return null;
    }

    private string Feed(Func<byte[], string> check)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        string outcome;
        try
        {
            outcome = check(_input);
        }
        catch (OrcaException e)
        {
            Assert.That(e.Message, Does.StartWith("cannot ").And.Not.Contain("\n").And.Not.Contain("\u001b").And.Not.Contain("\0"));
            Assert.That(e.Message, Has.Length.LessThan(2000));
            outcome = WithoutValues(e.Message);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(MaxAllocated), "bytes allocated");
        return outcome;
    }

    /// <summary>The message without what is quoted and counted in it: its kind.</summary>
    private static string WithoutValues(string message) =>
        string.Concat(message.Split('\'').Where(static (_, i) => i % 2 == 0).Select(static part => string.Concat(part.Where(static c => !char.IsAsciiDigit(c)))));

    private string Save()
    {
        var directory = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "fuzz")).FullName;
        var path = Path.Combine(directory, $"{name}-{Seed}-{_round}");
        File.WriteAllBytes(path, _input);
        return path;
    }
}
