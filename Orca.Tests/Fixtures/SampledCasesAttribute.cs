using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;

namespace Orca.Tests.Fixtures;

/// <summary>As TestCaseSource, for a source with more cases than <c>make test</c> has time for: a seeded sample of them becomes tests there, all of them in <c>make test-long</c>.</summary>
/// <remarks>Each prints the seed. A test that failed is also repeated by its name: <c>ORCA_TEST_LONG=1 dotnet test --filter 'Name~...'</c>.</remarks>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class SampledCasesAttribute(string source, int size) : NUnitAttribute, ITestBuilder, IImplyFixture, IWrapTestMethod
{
    public IEnumerable<TestMethod> BuildFrom(IMethodInfo method, Test? suite)
    {
        List<TestMethod> all = [.. new TestCaseSourceAttribute(source).BuildFrom(method, suite)];
        return TestSwitches.IsLong ? all : Sampling.Choose(all, size, static _ => 0, Sampling.Random(TestSwitches.Seed, $"{method.TypeInfo.FullName}.{method.Name}"));
    }

    public TestCommand Wrap(TestCommand command) => new PrintingSeed(command);

    private sealed class PrintingSeed(TestCommand inner) : DelegatingTestCommand(inner)
    {
        public override TestResult Execute(TestExecutionContext context)
        {
            context.OutWriter.WriteLine(Sampling.Seed);
            return innerCommand.Execute(context);
        }
    }
}
