namespace Orca.Core.Containers;

/// <summary>Paths inside a container, cleaned by their text alone.</summary>
public static class CleanPath
{
    /// <summary>The absolute path without '.', '..' and doubled slashes; a relative path counts from <c>/</c>, and '..' stops there.</summary>
    public static string Of(string path)
    {
        if (IsClean(path))
        {
            return path;
        }

        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == "..")
            {
                parts.RemoveRange(Math.Max(parts.Count - 1, 0), Math.Min(parts.Count, 1));
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>Whether a clean path is another one, or lies below it.</summary>
    public static bool IsAtOrBelow(string path, string other) => other == "/"
        || (path.StartsWith(other, StringComparison.Ordinal) && (path.Length == other.Length || path[other.Length] == '/'));

    private static bool IsClean(string path) => path == "/"
        || (path.StartsWith('/') && !path.EndsWith('/') && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal));
}
