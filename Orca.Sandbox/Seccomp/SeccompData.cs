namespace Orca.Sandbox.Seccomp;

/// <summary>The text files of this folder, which lie in the assembly.</summary>
internal static class SeccompData
{
    /// <summary>The lines of a file but comments and empty ones.</summary>
    internal static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(SeccompData).Assembly.GetManifestResourceStream("Orca.Seccomp." + name)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}
