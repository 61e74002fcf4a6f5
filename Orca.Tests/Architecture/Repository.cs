namespace Orca.Tests.Architecture;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The directory that holds orca.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>Every file below Root that ends so and was written by a person.</summary>
    public static IEnumerable<string> Sources(string extension)
        => Directory.EnumerateDirectories(Root, "Orca.*")
            .SelectMany(project => Directory.EnumerateFiles(project, "*" + extension, SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "orca.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException("these tests run from below the directory of orca.sln");
    }
}
