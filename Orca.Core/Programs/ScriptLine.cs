using System.Text;

namespace Orca.Core.Programs;

/// <summary>The first line of a script, as the kernel takes it apart (execve(2), "Interpreter scripts").</summary>
/// <param name="Interpreter">The interpreter; empty when the line names none.</param>
/// <param name="EndsWithReturn">True when a carriage return ends the line, and thereby the interpreter's name or its argument.</param>
internal readonly record struct ScriptLine(string Interpreter, bool EndsWithReturn)
{
    private const int MaxLine = 256; // BINPRM_BUF_SIZE

    /// <summary>Reads the line.</summary>
    /// <param name="start">The file from its <c>#!</c> on.</param>
    internal static ScriptLine Read(ReadOnlySpan<byte> start)
    {
        var line = start[..Math.Min(start.Length, MaxLine)];
        var end = line.IndexOfAny((byte)'\n', (byte)0);
        line = (end < 0 ? line : line[..end])[2..].Trim(" \t"u8);
        var space = line.IndexOfAny((byte)' ', (byte)'\t');
        var interpreter = space < 0 ? line : line[..space];
        return new ScriptLine(Encoding.UTF8.GetString(interpreter), line.EndsWith("\r"u8));
    }
}
