using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using Orca.Testing.Shared;

namespace Orca.Testing.NUnit;

/// <summary>Skips what it is put on where containers cannot run; the reason is what a trial of the host found, as <c>user namespaces: EPERM (operation not permitted)</c>.</summary>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequiresContainersAttribute : NUnitAttribute, IApplyToTest
{
    /// <summary>Looks at the host, once for each process, and marks the test as skipped where it must be.</summary>
    public void ApplyToTest(Test test) => Apply(test, SharedOrca.Problem);

    internal static void Apply(Test test, string? problem)
    {
        if (problem is not null && test.RunState != RunState.NotRunnable)
        {
            test.RunState = RunState.Skipped;
            test.Properties.Set(PropertyNames.SkipReason, problem);
        }
    }
}
