using NUnit.Framework;
using Orca.Core.Sandbox;
using Orca.Sandbox.Seccomp;

namespace Orca.Tests.Sandbox.Seccomp;

/// <summary>What becomes of changes of owners, and of the attribute in which the init notes them.</summary>
internal sealed class OwnerAnswersTests
{
    private const ulong Mark = 0x6163726f;
    private const uint X64 = 0xC000003E; // AUDIT_ARCH_X86_64

    private static readonly SystemCallTable s_table = SystemCallTable.Read();

    /// <summary>Only of a container that stays are owners remembered; elsewhere the filter answers at once.</summary>
    [Test]
    public void Owners_AreAskedAbout_WhereTheyAreRemembered([Values] bool remembers)
    {
        var filter = SeccompFilter.For(SeccompChoice.Default, CapabilitySet.Default, RootAnswers.OneId, hasInit: true, remembers)!;
        var machine = new FilterMachine(filter.Program.ToArray());
        Assert.That(
            new[] { "chown", "fchown", "lchown", "fchownat" }.Select(name => machine.Run(X64, s_table.Of(Abi.X64)[name], 1, 2, 3)),
            Is.All.EqualTo(remembers ? Verdict.Remember : Verdict.Pretend));
    }

    /// <summary>The init would wait for itself; a policy that refuses attributes refuses them with the mark, too.</summary>
    [Test]
    public void Attribute_OfTheInits_IsNotAskedAbout()
    {
        var (setxattr, chown) = (s_table.Of(Abi.X64)["setxattr"], s_table.Of(Abi.X64)["chown"]);
        var machine = Machine(DefaultPolicy.For(CapabilitySet.Default));
        Assert.That(machine.Run(X64, setxattr, 1, 2, 3, 4, 0, Mark).IsMade, Is.True);
        Assert.That(machine.Run(X64, setxattr, 1, 2, 3, 4, 0, 0), Is.EqualTo(Verdict.Ask(Verdict.Allow)));

        var refusing = Machine(FilterPolicy.Unconfined with { Rules = [new FilterRule(["setxattr"], Verdict.Refuse)] });
        Assert.That(refusing.Run(X64, setxattr, 1, 2, 3, 4, 0, Mark), Is.EqualTo(Verdict.Refuse));
        Assert.That(refusing.Run(X64, chown, 1, 2, 3), Is.EqualTo(Verdict.Pretend));
    }

    private static FilterMachine Machine(FilterPolicy policy) =>
        new(FilterCompiler.Compile(OneIdAnswers.Over(policy), Orca.Sandbox.Seccomp.Machine.X64, s_table));
}
