using System.Globalization;
using System.Text;
using NUnit.Framework;
using Orca.Core.Sandbox;
using Orca.Sandbox.Seccomp;
using Orca.Tests.Architecture;

namespace Orca.Tests.Sandbox.Seccomp;

/// <summary>The filters in the binary are the ones that the policy makes.</summary>
/// <remarks>To accept a change of the policy: <c>ORCA_UPDATE_GOLDENS=1 dotnet test Orca.Tests --filter PrebuiltFilters</c>, then build and test again.</remarks>
public sealed class PrebuiltFiltersTests
{
    private static readonly string s_path = Path.Combine(Repository.Root, "Orca.Sandbox", "Seccomp", "PrebuiltFilters.cs");

    [Test]
    public void Filters_InTheBinary_AreThoseOfThePolicy()
    {
        var (x64, x64Root, arm64, arm64Root) = (Build(Machine.X64, false), Build(Machine.X64, true), Build(Machine.Arm64, false), Build(Machine.Arm64, true));
        if (Environment.GetEnvironmentVariable("ORCA_UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(s_path, Source(("X64", x64), ("X64Root", x64Root), ("Arm64", arm64), ("Arm64Root", arm64Root)));
        }

        Assert.Multiple(() =>
        {
            Assert.That(PrebuiltFilters.X64.ToArray(), Is.EqualTo(x64));
            Assert.That(PrebuiltFilters.X64Root.ToArray(), Is.EqualTo(x64Root));
            Assert.That(PrebuiltFilters.Arm64.ToArray(), Is.EqualTo(arm64));
            Assert.That(PrebuiltFilters.Arm64Root.ToArray(), Is.EqualTo(arm64Root));
        });
    }

    private static ulong[] Build(Machine machine, bool root)
    {
        var policy = DefaultPolicy.For(CapabilitySet.Default);
        return FilterCompiler.Compile(root ? OneIdAnswers.Over(policy) : policy.After(OneIdAnswers.Terminals), machine, SystemCallTable.Read());
    }

    private static string Source(params (string Name, ulong[] Program)[] filters)
    {
        const int perLine = 7;
        var head = File.ReadAllText(s_path);
        var source = new StringBuilder(head[..(head.IndexOf('{', StringComparison.Ordinal) + 1)]);
        foreach (var (name, program) in filters)
        {
            source.Append(CultureInfo.InvariantCulture, $"\n    internal static ReadOnlySpan<ulong> {name} =>\n    [\n");
            foreach (var line in program.Chunk(perLine))
            {
                source.Append("        ").AppendJoin(", ", line.Select(word => "0x" + word.ToString("X", CultureInfo.InvariantCulture))).Append(",\n");
            }

            source.Append("    ];\n");
        }

        return source.Append("}\n").ToString();
    }
}
