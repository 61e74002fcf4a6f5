using System.Globalization;

namespace Orca.Core.Sandbox;

/// <summary>What the kernel will be asked for to make a sandbox, in words.</summary>
/// <param name="Namespaces">The kinds of new namespaces (namespaces(7)).</param>
/// <param name="Steps">What is done in them, in order; an error names a step by the same words.</param>
public sealed record SandboxOutline(IReadOnlyList<string> Namespaces, IReadOnlyList<string> Steps)
{
    /// <summary>One line for the namespaces, then one for each step, numbered from 1.</summary>
    public IEnumerable<string> Lines()
    {
        yield return "new namespaces: " + string.Join(", ", Namespaces);
        for (var i = 0; i < Steps.Count; i++)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {Steps[i]}");
        }
    }
}
