using Orca.Core.References;

namespace Orca.Core.Programs;

/// <summary>What a kernel runs.</summary>
/// <param name="Platform">Its own platform.</param>
/// <param name="AlsoRuns">Platforms whose programs it runs beside its own.</param>
/// <param name="PageSize">The size of its pages in bytes.</param>
internal sealed record ProgramMachine(Platform Platform, IReadOnlyList<Platform> AlsoRuns, int PageSize)
{
    /// <summary>The machine that this process runs on.</summary>
    internal static ProgramMachine Current => new(Platform.Current, KernelPrograms.Runs, Environment.SystemPageSize);

    /// <summary>True when the kernel executes programs of an architecture in Go's words.</summary>
    internal bool Runs(string architecture)
    {
        foreach (var other in AlsoRuns)
        {
            if (other.Architecture == architecture)
            {
                return true;
            }
        }

        return Platform.Architecture == architecture;
    }

    /// <summary>A size for people: <c>4 KB</c>.</summary>
    internal static string Size(ulong bytes) => bytes < 1024 ? $"{bytes} bytes" : $"{bytes >> 10} KB";
}
