using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Registry.Store;

namespace Orca.Tests.Registry.Store;

/// <summary>The file that names a container's layers and snapshots.</summary>
public sealed class LayerStateTests
{
    [Test]
    public void State_ThatWasWritten_IsReadAgain()
    {
        var state = new LayerState("0123456789ab")
        {
            Base = 2,
            Undone = 0,
            IsAhead = true,
            Next = 4,
            Moving = 0x1ED,
            Snapshots = [(new Snapshot(2, DateTimeOffset.FromUnixTimeSeconds(5), SnapshotKind.Left, 0, "a b\nend\n%20"), "ba9876543210"), (new Snapshot(3, DateTimeOffset.FromUnixTimeSeconds(6), SnapshotKind.Asked, 2, ""), "ba9876543211")],
        };
        Assert.That(LayerStateReader.Parse(state.Format())!.Format(), Is.EqualTo(state.Format()));
        Assert.That(LayerStateReader.Parse(state.Format())!.Snapshots, Is.EqualTo(state.Snapshots));
        for (var length = 0; length < state.Format().Length; length++)
        {
            Assert.That(LayerStateReader.Parse(state.Format()[..length]), Is.Null);
        }
    }
}
