using Orca.Core.Errors;

namespace Orca.Cli.Parsing;

/// <summary>A sequence of keys by which the user leaves a container, as docker writes it: <c>ctrl-p,ctrl-q</c>.</summary>
internal sealed class DetachKeys
{
    private readonly byte[] _keys;
    private int _seen;

    private DetachKeys(byte[] keys) => _keys = keys;

    /// <summary>Whether all of them were typed, one after the other.</summary>
    public bool IsComplete => _seen == _keys.Length;

    /// <summary>Reads single characters, and <c>ctrl-</c> with a letter or one of <c>@ [ \ ] ^ _</c>, with commas between.</summary>
    /// <exception cref="ReferenceException">It is something else.</exception>
    public static DetachKeys Parse(string text, CommandSyntax syntax)
    {
        var keys = new List<byte>();
        foreach (var key in text.Split(','))
        {
            keys.Add(key switch
            {
                [var one] when one is > ' ' and < (char)127 => (byte)one,
                ['c', 't', 'r', 'l', '-', var one] when char.IsAsciiLetter(one) => (byte)(char.ToUpperInvariant(one) - '@'),
                ['c', 't', 'r', 'l', '-', var one] when one is '@' or (>= '[' and <= '_') => (byte)(one - '@'),
                _ => throw new ReferenceException($"cannot use option '--detach-keys': '{Quoted.Text(key)}' is not a key, as in ctrl-p,ctrl-q", UsageError.SeeHelp(syntax)),
            });
        }

        return new DetachKeys([.. keys]);
    }

    /// <summary>Looks through what was typed. Returns how many bytes are the container's: all but the key that completes the sequence, and what follows it.</summary>
    public int Filter(Span<byte> typed)
    {
        // The first keys of a sequence are passed on: held back, they would be typed late whenever somebody means them.
        for (var i = 0; i < typed.Length; i++)
        {
            _seen = typed[i] == _keys[_seen] ? _seen + 1 : typed[i] == _keys[0] ? 1 : 0;
            if (IsComplete)
            {
                return i;
            }
        }

        return typed.Length;
    }
}
