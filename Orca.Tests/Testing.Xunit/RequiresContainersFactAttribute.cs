using System.Runtime.CompilerServices;
using Orca.Testing.Shared;
using Xunit;

namespace Orca.Testing.Xunit;

/// <summary>A fact that is skipped where containers cannot run; the reason is what a trial of the host found.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresContainersFactAttribute : FactAttribute
{
    /// <summary>Looks at the host, once for each process.</summary>
    public RequiresContainersFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Skip = SharedOrca.Problem;
}
