namespace Orca.Sandbox.Seccomp;

/// <summary>Writes the tree that leads from a number to its run's answer.</summary>
internal sealed class RunTree(FilterAssembler program, List<Run> runs)
{
    private readonly Dictionary<string, FilterTarget> _blocks = new(StringComparer.Ordinal);

    /// <summary>Writes it all; the number must be loaded where it is entered.</summary>
    internal FilterTarget Emit() => Node(0, runs.Count);

    private FilterTarget Node(int from, int to)
    {
        if (to - from == 1)
        {
            return AnswerOf(from);
        }

        // One number, or two, among many with the same answer: cheaper by equality than by bounds.
        if (to - from is 3 or 5 && Enumerable.Range(from, to - from).All(i => (i - from) % 2 == 0 ? SameAs(from, i) : runs[i].Start + 1 == runs[i + 1].Start))
        {
            var rest = AnswerOf(from);
            for (var i = to - 2; i > from; i -= 2)
            {
                rest = program.Equal(runs[i].Start, AnswerOf(i), rest);
            }

            return rest;
        }

        var middle = (from + to) / 2;
        var right = Node(middle, to);
        var left = Node(from, middle);
        return program.NotLess(runs[middle].Start, right, left);
    }

    private bool SameAs(int first, int second) => runs[first].Answer.Key == runs[second].Answer.Key;

    private FilterTarget AnswerOf(int index)
    {
        var answer = runs[index].Answer;
        if (answer.Conditional.IsEmpty)
        {
            return answer.Otherwise;
        }

        if (!_blocks.TryGetValue(answer.Key, out var block))
        {
            _blocks[answer.Key] = block = Block(answer);
        }

        return block;
    }

    private FilterTarget Block(CallAnswer answer)
    {
        FilterTarget next = answer.Otherwise;
        for (var i = answer.Conditional.Length - 1; i >= 0; i--)
        {
            var rule = answer.Conditional[i];
            FilterTarget yes = rule.Verdict;
            for (var j = rule.Tests.Count - 1; j >= 0; j--)
            {
                var loaded = j == 0 && i > 0 && Leaves(answer.Conditional[i - 1], rule.Tests[0]);
                yes = rule.Tests[j].Wide ? Wide(rule.Tests[j], yes, next) : Narrow(rule.Tests[j], loaded, yes, next);
            }

            next = yes;
        }

        return next;
    }

    /// <summary>True when the rule before has loaded just what this test looks at, and left it so.</summary>
    private static bool Leaves(FilterRule before, ArgumentTest test) => before.Tests is [{ Wide: false, Comparison: not Comparison.MaskedEqual } only]
        && only.Index == test.Index && !test.Wide;

    private FilterTarget Narrow(ArgumentTest test, bool loaded, FilterTarget yes, FilterTarget no)
    {
        var value = (uint)test.Value;
        var decided = test.Comparison switch
        {
            Comparison.Equal => program.Equal(value, yes, no),
            Comparison.NotEqual => program.Equal(value, no, yes),
            Comparison.Greater => program.Greater(value, yes, no),
            Comparison.LessOrEqual => program.Greater(value, no, yes),
            Comparison.GreaterOrEqual => program.NotLess(value, yes, no),
            Comparison.Less => program.NotLess(value, no, yes),
            _ => program.Keep((uint)test.Mask, program.Equal(value & (uint)test.Mask, yes, no)),
        };
        return loaded ? decided : program.LoadArgument(test.Index, high: false, decided);
    }

    private FilterTarget Wide(ArgumentTest test, FilterTarget yes, FilterTarget no)
    {
        var (high, low) = ((uint)(test.Value >> 32), (uint)test.Value);
        switch (test.Comparison)
        {
            case Comparison.NotEqual or Comparison.Less or Comparison.LessOrEqual:
                return Wide(test with { Comparison = Opposite(test.Comparison) }, no, yes);
            case Comparison.Greater or Comparison.GreaterOrEqual:
                var byLow = test.Comparison == Comparison.Greater ? program.Greater(low, yes, no) : program.NotLess(low, yes, no);
                var sameHigh = program.Equal(high, program.LoadArgument(test.Index, high: false, byLow), no);
                return program.LoadArgument(test.Index, high: true, program.Greater(high, yes, sameHigh));
            default:
                var (highMask, lowMask) = test.Comparison == Comparison.Equal ? (uint.MaxValue, uint.MaxValue) : ((uint)(test.Mask >> 32), (uint)test.Mask);
                var lowEqual = program.LoadArgument(test.Index, high: false, program.Keep(lowMask, program.Equal(low & lowMask, yes, no)));
                return program.LoadArgument(test.Index, high: true, program.Keep(highMask, program.Equal(high & highMask, lowEqual, no)));
        }
    }

    private static Comparison Opposite(Comparison comparison) => comparison switch
    {
        Comparison.NotEqual => Comparison.Equal,
        Comparison.Less => Comparison.GreaterOrEqual,
        _ => Comparison.Greater,
    };
}
