using System.Buffers;
using System.Text;

namespace Orca.Core.Linux;

/// <summary>Text that stands for bytes of the operating system, without loss: a byte that is not UTF-8 is the lone surrogate U+DC00 + byte.</summary>
/// <remarks>Arguments, variables and file names on Linux are bytes. The same escape as Python's PEP 383.</remarks>
public static class NativeText
{
    /// <summary>Bytes to text.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                used = 1;
                text.Append((char)(0xDC00 + bytes[0]));
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }

    /// <summary>Text back to the bytes it stands for.</summary>
    public static byte[] Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uDC80', '\uDCFF'))
        {
            return Encoding.UTF8.GetBytes(text);
        }

        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var lone = text[i] is >= '\uDC80' and <= '\uDCFF' && (i == 0 || !char.IsHighSurrogate(text[i - 1]));
            if (lone)
            {
                bytes.Add((byte)(text[i] - 0xDC00));
                continue;
            }

            var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
            bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(i, length)));
            i += length - 1;
        }

        return [.. bytes];
    }
}
