namespace Orca.Tests.Fuzz;

/// <summary>Makes an input from others: bytes flipped, cut, doubled, moved, and words of the format put in.</summary>
internal sealed class Mutator(string[] words, int block)
{
    private const int MaxLength = 1 << 16;

    private static readonly byte[] s_oddBytes = [0, 1, 9, 10, 13, 32, 34, 46, 47, 48, 57, 58, 64, 92, 95, 127, 128, 192, 237, 255];

    private readonly byte[][] _words = [.. words.Select(System.Text.Encoding.Latin1.GetBytes)];

    /// <summary>One input; the same for the same state of <paramref name="random"/> and the same corpus.</summary>
    internal byte[] Make(Random random, IReadOnlyList<byte[]> corpus)
    {
        var input = new List<byte>(corpus[random.Next(corpus.Count)]);
        for (var steps = 1 + random.Next(random.Next(2) == 0 ? 2 : 8); steps > 0; steps--)
        {
            Change(input, random, corpus);
        }

        return [.. input.Take(MaxLength)];
    }

    private void Change(List<byte> input, Random random, IReadOnlyList<byte[]> corpus)
    {
        // Pieces as the format has them, mostly: what comes after them stays in its place.
        var unit = random.Next(4) > 0 ? block : 1;
        var at = random.Next(input.Count + 1);
        var piece = at / unit * unit;
        var count = Math.Min(input.Count - piece, unit * (1 + random.Next(random.Next(3) == 0 && unit == 1 ? 600 : 4)));
        switch (random.Next(8))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = s_oddBytes[random.Next(s_oddBytes.Length)];
                break;
            case 2:
                input.RemoveRange(piece, count);
                break;
            case 3 when input.Count < MaxLength:
                input.InsertRange(random.Next(input.Count + 1) / unit * unit, input.GetRange(piece, count));
                break;
            case 4 when at < input.Count && input.Count < MaxLength:
                input.InsertRange(at, Enumerable.Repeat(input[at], 1 << random.Next(11)));
                break;
            case 5:
                var other = corpus[random.Next(corpus.Count)];
                input.RemoveRange(piece, input.Count - piece);
                input.AddRange(other.AsSpan(random.Next(other.Length + 1) / unit * unit).ToArray());
                break;
            case 6:
                var word = _words[random.Next(_words.Length)];
                input.RemoveRange(at, Math.Min(input.Count - at, unit > 1 || random.Next(3) == 0 ? word.Length : 0));
                input.InsertRange(at, word);
                break;
            default:
                input.RemoveRange(at, unit > 1 && at < input.Count ? 1 : 0);
                input.Insert(at, (byte)random.Next(256));
                break;
        }
    }
}
