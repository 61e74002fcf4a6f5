using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>Containers on the disk: what they show, what they hold, what a killed run leaves.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed partial class ContainerFilesTests : IDisposable
{
    private readonly TestStore _store = new();
    private readonly TestImage _source = TestImage.Of(new TarBuilder()
        .Dir("./", 0x1C8).Dir("etc/").File("etc/motd", "hello").File("etc/passwd", "root:x:0:0::/:/bin/sh\n").File("etc/secret", "s", 0)
        .Link("etc/abs", "/etc/motd").Link("etc/up", "../../../../etc/motd").Link("etc/host", "/etc/hostname-of-the-host").Link("etc/loop", "loop").Link("l", "etc")
        .Fifo("etc/fifo").Hard("etc/motd2", "etc/motd").Dir("empty/", 0x16D).Build());

    private readonly StoredImage _image;

    public ContainerFilesTests() => _image = _store.Add(_source, "example.com/one:1");

    [Test]
    public void DamagedRecord_IsNamed_AndNoContainerIsMadeOverIt()
    {
        Create("work").Dispose();
        File.WriteAllText(Path.Combine(_store.Root, "containers/work/record.json"), "{");
        Assert.That(() => Create("work"), Throws.TypeOf<StoreException>().With.Message.EqualTo("cannot run container 'work': its record is damaged")
            .And.Property(nameof(OrcaException.Hint)).EqualTo("its changes lie in 'containers/work/upper' of the store; 'orca rm work' deletes them"));
    }

    [TestCase("/etc/motd", "hello")]
    [TestCase("etc/motd", "hello")]
    [TestCase("/etc/abs", "hello")]
    [TestCase("/etc/up", "hello")]
    [TestCase("/l/motd", "hello")]
    [TestCase("/../../etc/motd", "hello")]
    [TestCase("/etc/host", null)]
    [TestCase("/etc/loop", null)]
    [TestCase("/etc/fifo", null)]
    [TestCase("/etc/motd/x", null)]
    [TestCase("/", null)]
    [TestCase("/etc/mo\0td", null)]
    public void ReadFile_ResolvesInside_WithAndWithoutChanges(string path, string? expected)
    {
        using var container = Create("work");
        Assert.That(Text(container, path), Is.EqualTo(expected));
        File.WriteAllText(Upper("work", "new"), "something changed");
        Assert.That(Text(container, path), Is.EqualTo(expected));
        container.MaterializeCopy();
        Assert.That(Text(container, path), Is.EqualTo(expected));
        Assert.That(Text(container, "/new"), Is.EqualTo("something changed"));
    }

    [Test]
    public void ReadFile_SeesTheContainersChanges()
    {
        using var container = Create("work");
        Directory.CreateDirectory(Upper("work", "etc"));
        File.WriteAllText(Upper("work", "etc/motd"), "changed");
        File.CreateSymbolicLink(Upper("work", "link"), "/etc/passwd");
        Assert.That(Text(container, "/etc/motd"), Is.EqualTo("changed"));
        Assert.That(Text(container, "/etc/abs"), Is.EqualTo("changed"), "a link below leads to the file above");
        Assert.That(Text(container, "/link"), Does.StartWith("root"), "a link above leads to the file below");
        var copy = container.MaterializeCopy();
        Assert.That(TreeListing.Read(Path.Combine(_store.Root, copy.Copy!))["etc/motd"], Does.EndWith("changed"));
        Assert.That(Text(container, "/etc/motd2"), Is.EqualTo("hello"));
    }

    [Test]
    public void ReadFile_OpaqueDirectory_HidesWhatIsBelow()
    {
        using var container = Create("work");
        Directory.CreateDirectory(Upper("work", "etc"));
        using (var etc = FileSystem.OpenDirectory(null, PathZ.From(Upper("work", "etc"))))
        {
            Assume.That(FileSystem.TrySetXattr(etc, PathZ.From("user.overlay.opaque"), "y"u8), Is.EqualTo(Errno.None), "the file system keeps no attributes");
        }

        Assert.That(Text(container, "/etc/motd"), Is.Null);
        Assert.That(TreeListing.Read(Path.Combine(_store.Root, container.MaterializeCopy().Copy!)).Keys, Does.Not.Contain("etc/motd").And.Contain("etc"));
    }

    [Test]
    public void ReadFile_Whiteout_HidesTheFile()
    {
        using var container = Create("work");
        Directory.CreateDirectory(Upper("work", "etc"));
        Assume.That(Run("mknod", Upper("work", "etc/motd"), "c", "0", "0"), Is.Zero, "the host makes no whiteouts");
        Assert.That(Text(container, "/etc/motd"), Is.Null);
        Assert.That(Text(container, "/etc/abs"), Is.Null);
        Assert.That(TreeListing.Read(Path.Combine(_store.Root, container.MaterializeCopy().Copy!)).Keys, Does.Not.Contain("etc/motd").And.Contain("etc/motd2"));
    }

    [Test]
    public void Upper_HasTheModeOfTheImagesRoot()
    {
        using var container = Create("work");
        Assert.That(TreeListing.Status(_store.Root, container.Root.Upper!).Permissions, Is.EqualTo(TreeListing.Status(_store.Root, _image.Rootfs).Permissions));
    }

    [Test]
    public void MaterializeCopy_KeepsLinksModesAndTimes()
    {
        using var container = Create("work");
        var (lower, copy) = (Path.Combine(_store.Root, _image.Rootfs), Path.Combine(_store.Root, container.MaterializeCopy().Copy!));
        Assert.That(TreeListing.Read(copy), Is.EqualTo(TreeListing.Read(lower)));
        var file = TreeListing.Status(copy, "etc/motd");
        Assert.That(TreeListing.Status(copy, "etc/motd2").Inode, Is.EqualTo(file.Inode));
        Assert.That(file.Inode, Is.Not.EqualTo(TreeListing.Status(lower, "etc/motd").Inode));
        Assert.That(file.Modified, Is.EqualTo(TreeListing.Status(lower, "etc/motd").Modified));
        Assert.That(TreeListing.Status(copy, "etc").Modified, Is.EqualTo(TreeListing.Status(lower, "etc").Modified));
        Assert.That(Directory.Exists(Path.Combine(_store.Root, "containers/work/upper")), Is.False);
        container.Dispose();
        using var again = _store.Open().Containers.Open("work");
        Assert.That(again.Root.Copy, Is.EqualTo("containers/work/rootfs"));
    }

    [Test]
    public void MaterializeCopy_KeepsHoles([Values] bool inUpper)
    {
        var map = new HoleMap(20 << 20, [(5_000_000, 10), ((20 << 20) - 1, 1)]);
        using var container = Create("work");
        var place = inUpper ? container.Root.Upper! : _image.Rootfs;
        map.WriteSparse(Path.Combine(_store.Root, place, "big"));
        var copy = Path.Combine(_store.Root, container.MaterializeCopy().Copy!);
        Assert.That(File.ReadAllBytes(copy + "/big").AsSpan().SequenceEqual(map.ToArray()), Is.True);
        Assert.That(TreeListing.Status(copy, "big").Allocated, Is.LessThanOrEqualTo(map.MostAllocated));
    }

    [Test]
    public void Ephemeral_OfAKilledRun_IsSweptByTheNext_AndALiveOneIsNot()
    {
        using var alive = _store.Open().Containers.CreateEphemeral(_image, Record("run-aaaaaaaaaaaa"));
        alive.Launched();
        var dead = Path.Combine(_store.Root, "containers/run-bbbbbbbbbbbb");
        Directory.CreateDirectory(Path.Combine(dead, "work/work"));
        File.SetUnixFileMode(Path.Combine(dead, "work/work"), UnixFileMode.None);
        File.WriteAllText(Path.Combine(dead, "lock"), "1\n");
        Create("work").Dispose();
        Assert.That(_store.Open().Containers.List().Select(one => one.Record.Name), Is.EqualTo(["run-aaaaaaaaaaaa", "work"]));
        using var next = _store.Open().Containers.CreateEphemeral(_image, Record("run-cccccccccccc"));
        next.Launched();
        Assert.That(() => _store.Names("containers"), Is.EqualTo(["run-aaaaaaaaaaaa", "run-cccccccccccc", "work"]).After(20_000, 10));
    }

    [Test]
    public void Create_CutShortBeforeItsRecord_IsTakenOver()
    {
        var directory = Path.Combine(_store.Root, "containers/work");
        Directory.CreateDirectory(Path.Combine(directory, "upper/old"));
        File.WriteAllText(Path.Combine(directory, "lock"), "");
        Assert.That(_store.Open().Containers.Find("work"), Is.Null);
        Create("work").Dispose();
        Assert.That(Directory.Exists(Path.Combine(directory, "upper/old")), Is.False);
    }

    [Test]
    public void RemoveImage_WhileUsed_SaysWhoAndWhatToType()
    {
        var images = _store.Open().Images;
        var reference = ImageReference.Parse("example.com/one:1");
        var running = _store.Open().Containers.CreateEphemeral(_image, Record("run-aaaaaaaaaaaa"));
        running.Launched();
        Assert.That(() => images.Remove(reference, force: false), Throws.TypeOf<StoreException>().With.Message.Contains("in use by container 'run-aaaaaaaaaaaa'"));
        Create("work").Dispose();
        running.Dispose();
        Assert.That(
            () => images.Remove(reference, force: false),
            Throws.TypeOf<StoreException>().With.Message.Contains("container 'work' is made of it").And.Property("Hint").Contains("orca rmi -f "));
        Assert.That(images.Remove(reference, force: true), Is.Empty, "the name goes at once");
        Assert.That(images.Find(reference), Is.Null);
        using (_store.Open().Containers.Open("work"))
        {
            Assert.That(_store.Names("images"), Has.Length.EqualTo(1));
        }

        _store.Open().Containers.Remove("work", force: false);
        Assert.That(_store.Names("images"), Is.Empty, "the image goes with the last that holds it");
    }

    [Test]
    public void Run_OfAMovedTag_KeepsTheOldImage()
    {
        using var running = _store.Open().Containers.CreateEphemeral(_image, Record("run-aaaaaaaaaaaa"));
        _store.Add(TestImage.Small("new"), "example.com/one:1");
        Assert.That(running.ReadFile("/etc/motd", 100), Is.EqualTo("hello"u8.ToArray()));
        Assert.That(_store.Names("images"), Has.Length.EqualTo(2));
    }

    [Test]
    public void Create_ImageIsGone_IsRefused()
    {
        _store.Open().Images.Remove(ImageReference.Parse("example.com/one:1"), force: false);
        Assert.That(() => Create("work"), Throws.TypeOf<StoreException>().With.Message.Contains("removed meanwhile"));
        Assert.That(_store.Names("containers"), Is.Empty);
    }

    [Test]
    public void Remove_Force_KillsTheProcessThatHoldsTheLock_AndNoOther()
    {
        Create("work").Dispose();
        using var bystander = OtherProcess.HoldLock(Path.Combine(_store.Base, "elsewhere"));
        var path = Path.Combine(_store.Root, "containers/work/lock");
        using var holder = OtherProcess.HoldLock(path, writeId: true);
        Assert.That(_store.Open().Containers.List().Single().ProcessId, Is.EqualTo(holder.Id));
        Assert.That(() => _store.Open().Containers.Remove("work", force: false), Throws.TypeOf<StoreException>().With.Message.Contains($"process {holder.Id} runs it"));
        _store.Open().Containers.Remove("work", force: true);
        Assert.That((holder.HasExited, bystander.HasExited), Is.EqualTo((true, false)));
        Assert.That(_store.Names("containers"), Is.Empty);
    }

    [Test]
    public void Descriptors_OfManyRuns_AreAllClosed()
    {
        var (_, _, containers) = _store.Open();
        containers.CreateEphemeral(_image, Record("x")).Dispose();
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var run = 0; run < 50; run++)
        {
            using var container = containers.CreateEphemeral(_image, Record("x"));
            container.ReadFile("/etc/passwd", 1000);
        }

        Assert.That(Directory.GetFiles("/proc/self/fd"), Has.Length.LessThanOrEqualTo(before + 3));
    }

    public void Dispose() => _store.Dispose();

    private IContainer Create(string name) => _store.Open().Containers.Create(_image, Record(name));

    private string Upper(string container, string path) => Path.Combine(_store.Root, "containers", container, "upper", path);

    private static string? Text(IContainer container, string path) =>
        container.ReadFile(path, 1000) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    private ContainerRecord Record(string name) => new()
    {
        Name = name,
        Image = ImageReference.Parse("example.com/one:1"),
        ImageDigest = _image.Digest,
        Created = DateTimeOffset.UnixEpoch,
        Options = new RunOptions(),
    };

    private static int Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
