using System.Runtime.InteropServices;
using NUnit.Framework;
using Orca.Sandbox.Launch;

namespace Orca.Tests.Sandbox.Launch;

[TestFixture]
public sealed unsafe class OperationTests
{
    [Test]
    public void Structures_HaveTheSizesAndOffsetsOfTheirCOriginals()
    {
        uint[] expected =
        [
            (uint)sizeof(Operation), OffsetOf<Operation>(nameof(Operation.Number)), OffsetOf<Operation>(nameof(Operation.Arguments)),
            OffsetOf<Operation>(nameof(Operation.Tolerated)), OffsetOf<Operation>(nameof(Operation.SlotMask)),
            OffsetOf<Operation>(nameof(Operation.ResultSlot)), OffsetOf<Operation>(nameof(Operation.SkipOnTolerated)),
            (uint)sizeof(InitVector), (uint)sizeof(ChildProgram), OffsetOf<ChildProgram>(nameof(ChildProgram.StackTop)),
            OffsetOf<ChildProgram>(nameof(ChildProgram.Report)), OffsetOf<ChildProgram>(nameof(ChildProgram.Parent)),
            OffsetOf<ChildProgram>(nameof(ChildProgram.Stub)), OffsetOf<ChildProgram>(nameof(ChildProgram.Pipes)),
            OffsetOf<ChildProgram>(nameof(ChildProgram.Target)), OffsetOf<ChildProgram>(nameof(ChildProgram.Joining)),
            (uint)sizeof(ChildReport), Operation.Slots,
            (uint)sizeof(Keep), OffsetOf<Keep>(nameof(Keep.Typed)), OffsetOf<Keep>(nameof(Keep.Saved)), OffsetOf<Keep>(nameof(Keep.Buffer)),
            (uint)sizeof(Flow), OffsetOf<Keep>(nameof(Keep.Output)), OffsetOf<Keep>(nameof(Keep.Error)), OffsetOf<Keep>(nameof(Keep.Journal)),
            (uint)sizeof(Journal), OffsetOf<Journal>(nameof(Journal.Size)),
            OffsetOf<Keep>(nameof(Keep.HasEnded)), OffsetOf<Keep>(nameof(Keep.Status)), OffsetOf<Keep>(nameof(Keep.IsHeld)), sizeof(long),
        ];
        var actual = new List<uint>();
        for (uint what = 0; ChildLibrary.Layout(what) is var value && value != 0; what++)
        {
            actual.Add(value);
        }

        Assert.That(actual, Is.EqualTo(expected));
    }

    private static uint OffsetOf<T>(string field) => (uint)Marshal.OffsetOf<T>(field);
}
