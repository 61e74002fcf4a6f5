using NUnit.Framework;
using Orca.Core.Linux;
using Orca.Sandbox.Launch;
using Orca.Sandbox.Planning;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Sandbox.SubIds;

/// <summary>The deletion of trees in another user namespace (Child/tree.c): with the caller's own id there, which takes no sub-ids.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DeleteTreeTests : IDisposable
{
    private const int Deep = 4, Files = 60;
    private readonly string _base = Directory.CreateTempSubdirectory("orca-delete-").FullName;

    private string Tree => Path.Combine(_base, "tree");

    private string Victim => Path.Combine(_base, "victim");

    public void Dispose() => Directory.Delete(_base, recursive: true);

    [Test]
    public void Tree_OfAnyShape_IsDeleted_AndItsBytesCounted()
    {
        var deep = Tree;
        for (var level = 0; level < 100; level++)
        {
            deep = Path.Combine(deep, "d");
        }

        Directory.CreateDirectory(deep);
        File.WriteAllBytes(Path.Combine(deep, "file"), new byte[1 << 20]);
        File.CreateSymbolicLink(Path.Combine(Tree, "link"), _base);
        File.SetUnixFileMode(deep, UnixFileMode.None);
        Directory.CreateDirectory(Victim);
        Assert.That(Delete(out var freed), Is.EqualTo(Errno.None));
        Assert.That(freed, Is.GreaterThanOrEqualTo(1 << 20));
        Assert.That(Directory.GetFileSystemEntries(_base), Is.EqualTo([Victim]));
    }

    /// <summary>
    /// An overlay may outlive its container for a moment, and its programs move directories. A deletion that goes back up by '..' ends in whatever directory
    /// they were moved to, and empties that.
    /// </summary>
    [Test]
    public void DirectoriesMovedMeanwhile_LeadTheDeletionNowhereElse()
    {
        Directory.CreateDirectory(Path.Combine(Victim, "below"));
        string[] kept = [.. Enumerable.Range(0, 50).Select(i => Path.Combine(Victim, i % 2 == 0 ? $"kept{i}" : $"below/kept{i}"))];
        Array.ForEach(kept, static path => File.WriteAllText(path, "kept"));
        var rounds = Sampling.Rounds(60);
        for (var round = 0; round < rounds; round++)
        {
            Fill();
            using var stop = new CancellationTokenSource();
            var mover = new Thread(() => Move(stop.Token));
            mover.Start();
            try
            {
                Delete(out _); // it may say that something is gone or still there
            }
            finally
            {
                stop.Cancel();
                mover.Join();
            }

            Assert.That(kept.Where(static path => !File.Exists(path)), Is.Empty, $"round {round}");
            Clear();
        }
    }

    /// <summary>A narrow tree, in which the deletion is nearly always somewhere below a directory that is moved.</summary>
    private void Fill()
    {
        var directory = Tree;
        for (var level = 0; level <= Deep; level++)
        {
            Directory.CreateDirectory(directory);
            for (var file = 0; file < Files; file++)
            {
                File.WriteAllBytes(Path.Combine(directory, $"f{file}"), []);
            }

            directory = Path.Combine(directory, $"d{level}");
        }
    }

    /// <summary>Moves what is one and two levels deep next to the files that are to stay, and back.</summary>
    private void Move(CancellationToken stop)
    {
        using var root = FileSystem.OpenDirectory(null, PathZ.From(_base));
        PathZ first = PathZ.From("tree/d0"), second = PathZ.From("tree/d0/d1"), third = PathZ.From("tree/d0/d1/d2");
        PathZ away = PathZ.From("victim/d"), below = PathZ.From("victim/below/d"), thirdAway = PathZ.From("victim/below/e");
        while (!stop.IsCancellationRequested)
        {
            FileSystem.TryRename(root, third, root, thirdAway);
            FileSystem.TryRename(root, second, root, below);
            FileSystem.TryRename(root, first, root, away);
            FileSystem.TryRename(root, away, root, first);
            FileSystem.TryRename(root, below, root, second);
            FileSystem.TryRename(root, thirdAway, root, third);
        }
    }

    private void Clear()
    {
        foreach (var left in (string[])[Tree, Path.Combine(Victim, "d"), Path.Combine(Victim, "below/d"), Path.Combine(Victim, "below/e")])
        {
            if (Directory.Exists(left))
            {
                Directory.Delete(left, recursive: true);
            }
        }
    }

    private unsafe Errno Delete(out long freed)
    {
        ulong bytes = 0;
        var plan = new SandboxPlan(
            NamespaceKinds.User,
            [new BlockSignals(), new CloseDescriptors(0), new MapIds(0, CurrentUser.Uid, 0, CurrentUser.Gid), new EnterStore(_base), new DeleteTree("tree", (nint)(&bytes)), new Leave()]);
        using var program = PlanEncoder.Encode(plan);
        using var child = ChildProcess.TryStart(plan, program, out var error);
        Assume.That(error, Is.EqualTo(Errno.None), "needs user namespaces");
        var message = child!.Handshake.Read();
        child.WaitForExit();
        freed = (long)bytes;
        return message.Errno;
    }
}
