using System.Globalization;

namespace Orca.Registry.Remote.Hosts;

/// <summary>Reads TOML as far as registries.conf uses it, and refuses the rest with the line where it stands.</summary>
/// <remarks>
/// Source: toml.io, v1.0. Tables, arrays of tables, dotted and quoted keys, all four kinds of strings, integers, booleans, arrays, inline tables. Numbers with a
/// fraction and dates are taken for what they look like: nothing here asks for one. A key that is given twice is an error. Tomlyn 2.10 was measured in a Native AOT program of its own,
/// with a registries.conf of ten lines: 1.68 MB larger (orca has no such room), and a start of 2.31 ms in place of 1.86.
/// </remarks>
internal ref partial struct TomlReader
{
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private TomlReader(ReadOnlySpan<char> text) => _text = text;

    /// <summary>Reads a document.</summary>
    /// <exception cref="FormatException">It is no TOML; the message says where and why.</exception>
    internal static TomlTable Read(ReadOnlySpan<char> text)
    {
        var reader = new TomlReader(text);
        var root = new TomlTable();
        var current = root;
        while (reader.SkipToContent())
        {
            if (reader.Peek() == '[')
            {
                current = reader.ReadHeader(root);
            }
            else
            {
                reader.ReadPair(current, 0);
            }

            reader.ExpectLineEnd();
        }

        return root;
    }

    private readonly char Peek(int ahead = 0) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private readonly FormatException Wrong(string problem) => new(string.Create(CultureInfo.InvariantCulture, $"line {_text[..Math.Min(_at, _text.Length)].Count('\n') + 1}: {problem}"));

    private void SkipBlanks()
    {
        while (Peek() is ' ' or '\t')
        {
            _at++;
        }
    }

    private void SkipComment()
    {
        if (Peek() == '#')
        {
            var end = _text[_at..].IndexOf('\n');
            _at = end < 0 ? _text.Length : _at + end;
        }
    }

    private bool SkipToContent()
    {
        while (_at < _text.Length)
        {
            if (Peek() is ' ' or '\t' or '\r' or '\n')
            {
                _at++;
            }
            else if (Peek() == '#')
            {
                SkipComment();
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private void ExpectLineEnd()
    {
        SkipBlanks();
        SkipComment();
        if (_at < _text.Length && Peek() is not ('\n' or '\r'))
        {
            throw Wrong("something stands behind the value");
        }
    }

    private TomlTable ReadHeader(TomlTable root)
    {
        var isArray = Peek(1) == '[';
        _at += isArray ? 2 : 1;
        var keys = ReadKeys();
        if (Peek() != ']' || (isArray && Peek(1) != ']'))
        {
            throw Wrong("the table's name does not end with ']'");
        }

        _at += isArray ? 2 : 1;
        var parent = root;
        foreach (var key in keys[..^1])
        {
            parent = parent.Enter(key) ?? throw Wrong($"'{key}' is no table");
        }

        return (isArray ? parent.Append(keys[^1]) : parent.Define(keys[^1])) ?? throw Wrong($"'{keys[^1]}' is there already");
    }

    private void ReadPair(TomlTable table, int depth)
    {
        var keys = ReadKeys();
        if (Peek() != '=')
        {
            throw Wrong("there is no '=' after the key");
        }

        _at++;
        SkipBlanks();
        foreach (var key in keys[..^1])
        {
            table = table.Enter(key) ?? throw Wrong($"'{key}' is no table");
        }

        if (!table.TryAdd(keys[^1], ReadValue(depth)))
        {
            throw Wrong($"'{keys[^1]}' is there already");
        }
    }

    private List<string> ReadKeys()
    {
        var keys = new List<string>();
        while (true)
        {
            SkipBlanks();
            keys.Add(ReadKey());
            SkipBlanks();
            if (Peek() != '.')
            {
                return keys;
            }

            _at++;
        }
    }

    private string ReadKey()
    {
        if (Peek() is '"' or '\'')
        {
            return ReadString();
        }

        var start = _at;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '-' or '_')
        {
            _at++;
        }

        return _at > start ? _text[start.._at].ToString() : throw Wrong("there is no key");
    }

    private object ReadValue(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Wrong("the values are nested too deep");
        }

        switch (Peek())
        {
            case '"' or '\'':
                return ReadString();
            case '[':
                return ReadArray(depth);
            case '{':
                return ReadInlineTable(depth);
        }

        var start = _at;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '+' or '-' or '_' or '.' or ':')
        {
            _at++;
        }

        var word = _text[start.._at];
        return word switch
        {
            "true" => true,
            "false" => false,
            _ when word.IsEmpty => throw Wrong("there is no value"),
            _ when char.IsAsciiDigit(word[0]) || word[0] is '+' or '-' || word is "inf" or "nan" => new TomlNumber(word.ToString()),
            _ => throw Wrong($"'{word}' is no value: text stands in quotes"),
        };
    }

    private List<object> ReadArray(int depth)
    {
        _at++;
        var items = new List<object>();
        while (true)
        {
            SkipToContent();
            if (Peek() == ']')
            {
                _at++;
                return items;
            }

            items.Add(ReadValue(depth + 1));
            SkipToContent();
            if (Peek() == ',')
            {
                _at++;
            }
            else if (Peek() != ']')
            {
                throw Wrong("the array does not end with ']'");
            }
        }
    }

    private TomlTable ReadInlineTable(int depth)
    {
        _at++;
        var table = new TomlTable();
        SkipBlanks();
        while (Peek() != '}')
        {
            ReadPair(table, depth + 1);
            SkipBlanks();
            if (Peek() == ',')
            {
                _at++;
                SkipBlanks();
            }
            else if (Peek() != '}')
            {
                throw Wrong("the inline table does not end with '}'");
            }
        }

        _at++;
        return table;
    }
}
