using System.Globalization;
using System.Text;

namespace Orca.Registry.Remote.Hosts;

/// <content>The four kinds of strings.</content>
internal ref partial struct TomlReader
{
    private string ReadString()
    {
        var quote = Peek();
        var isLong = Peek(1) == quote && Peek(2) == quote;
        _at += isLong ? 3 : 1;
        if (isLong)
        {
            _at += Peek() == '\n' ? 1 : Peek() == '\r' && Peek(1) == '\n' ? 2 : 0;
        }

        var text = new StringBuilder();
        while (_at < _text.Length)
        {
            var c = Peek();
            if (c == quote && (!isLong || (Peek(1) == quote && Peek(2) == quote)))
            {
                _at += isLong ? 3 : 1;
                return text.ToString();
            }

            if (c == '\n' && !isLong)
            {
                break;
            }

            _at++;
            if (c == '\\' && quote == '"')
            {
                ReadEscape(text, isLong);
            }
            else
            {
                text.Append(c);
            }
        }

        throw Wrong("the text does not end with a quote");
    }

    private void ReadEscape(StringBuilder text, bool isLong)
    {
        var c = Peek();
        _at++;
        switch (c)
        {
            case 'b' or 't' or 'n' or 'f' or 'r' or '"' or '\\':
                text.Append(c switch { 'b' => '\b', 't' => '\t', 'n' => '\n', 'f' => '\f', 'r' => '\r', _ => c });
                break;
            case 'u' or 'U':
                var digits = c == 'u' ? 4 : 8;
                if (_at + digits > _text.Length || !int.TryParse(_text.Slice(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) || !Rune.IsValid(value))
                {
                    throw Wrong("the escape is no character");
                }

                _at += digits;
                text.Append(new Rune(value).ToString());
                break;
            case '\n' or '\r' or ' ' or '\t' when isLong:
                while (Peek() is ' ' or '\t' or '\r' or '\n')
                {
                    _at++;
                }

                break;
            default:
                throw Wrong("the text holds an unknown escape");
        }
    }
}
