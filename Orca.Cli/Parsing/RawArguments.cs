using Orca.Core.Linux;

namespace Orca.Cli.Parsing;

/// <summary>The arguments without loss: the runtime decodes them as UTF-8 and puts U+FFFD where a byte is not, but a container must get the bytes.</summary>
internal static class RawArguments
{
    /// <summary>The arguments as <see cref="NativeText"/>; <paramref name="decoded"/> itself when nothing was lost.</summary>
    /// <exception cref="LinuxException">There is no /proc to read the bytes from.</exception>
    public static string[] Restore(string[] decoded, Func<IReadOnlyList<byte[]>> read)
    {
        if (!Array.Exists(decoded, argument => argument.Contains('\uFFFD', StringComparison.Ordinal)))
        {
            return decoded;
        }

        // The program's own name (or two: 'dotnet orca.dll') stands before the arguments, so count from the end.
        var raw = read();
        var restored = new string[decoded.Length];
        for (var i = 0; i < restored.Length; i++)
        {
            restored[i] = NativeText.Decode(raw[raw.Count - restored.Length + i]);
        }

        return restored;
    }
}
