using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca.Tests.Contracts;

/// <summary>What every container store promises.</summary>
internal abstract class ContainerStoreContract
{
    protected abstract IContainerStore Store { get; }

    /// <summary>An image in the store, with <c>/etc/motd</c> that says <c>hello</c>.</summary>
    protected abstract StoredImage Image { get; }

    [Test]
    public void Kept_StaysUntilRemoved()
    {
        Assert.That(Store.Find("work"), Is.Null);
        using (var container = Store.Create(Image, Record("work")))
        {
            Assert.That(container.Record.Name, Is.EqualTo("work"));
            Assert.That(container.Image.Digest, Is.EqualTo(Image.Digest));
            Assert.That(container.Root.Volatile, Is.False);
        }

        Assert.That(Store.Find("work")!.ImageDigest, Is.EqualTo(Image.Digest));
        using (var again = Store.Open("work"))
        {
            Assert.That(again.Record, Is.EqualTo(Store.Find("work")).UsingPropertiesComparer());
        }

        Store.Remove("work", force: false);
        Assert.That(Store.Find("work"), Is.Null);
        Assert.That(Store.List(), Is.Empty);
    }

    [Test]
    public void Ephemeral_GoesWhenDisposed_AndIsNeverFound()
    {
        string name;
        using (var container = Store.CreateEphemeral(Image, Record("run-0123456789ab")))
        {
            name = container.Record.Name;
            Assert.That(container.Root.Volatile, Is.True);
            Assert.That(Store.List(), Is.Empty, "it does not run yet");
            container.Launched();
            var listed = Store.List().Single();
            Assert.That((listed.Record.Name, listed.Kept, listed.ProcessId), Is.EqualTo((name, false, Environment.ProcessId)));
            Assert.That(Store.Find(name), Is.Null);
        }

        Assert.That(Store.List(), Is.Empty);
        Assert.That(() => Store.Open(name), Throws.TypeOf<StoreException>());
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Running_IsFoundByOthers_FromItsStartToItsEnd(bool isKept)
    {
        string name;
        using (var container = isKept ? Store.Create(Image, Record("work")) : Store.CreateEphemeral(Image, Record("run-0123456789ab")))
        {
            name = container.Record.Name;
            container.Launched();
            Assert.That(Store.FindRunning(name), Is.Null, "its command does not run yet");
            var options = container.Record.Options with { Process = container.Record.Options.Process with { User = isKept ? "games" : container.Record.Options.Process.User } };
            container.Started(Environment.ProcessId, options);
            var found = Store.FindRunning(name)!;
            Assert.That((found.Record.Name, found.Record.Options.Process.User, found.Process.Id), Is.EqualTo((name, options.Process.User, Environment.ProcessId)));
        }

        if (isKept)
        {
            Assert.That(Store.FindRunning(name), Is.Null);
            using var again = Store.Open(name);
            Assert.That(Store.FindRunning(name), Is.Null, "what a former run has written is not this one's");
            return;
        }

        Assert.That(() => Store.FindRunning(name), Throws.TypeOf<StoreException>());
    }

    [Test]
    public void Ephemeral_Twice_AreTwo()
    {
        using var one = Store.CreateEphemeral(Image, Record("run-0123456789ab"));
        using var two = Store.CreateEphemeral(Image, Record("whatever"));
        Assert.That(one.Root.Directory, Is.Not.EqualTo(two.Root.Directory));
        one.Launched();
        two.Launched();
        Assert.That(Store.List(), Has.Count.EqualTo(2));
    }

    [Test]
    public void Create_NameTaken_IsRefused()
    {
        using (Store.Create(Image, Record("work")))
        {
            Assert.That(() => Store.Create(Image, Record("work")), Throws.TypeOf<StoreException>());
        }

        Assert.That(() => Store.Create(Image, Record("work")), Throws.TypeOf<StoreException>().With.Message.Contains("there is one of that name"));
    }

    [TestCase("")]
    [TestCase(".")]
    [TestCase("..")]
    [TestCase("../x")]
    [TestCase("a/b")]
    [TestCase("-x")]
    [TestCase("a b")]
    [TestCase("a\nb")]
    [TestCase("ä")]
    [TestCase("run-0123456789ab")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Create_BadName_IsRefused(string name)
    {
        Assert.That(() => Store.Create(Image, Record(name)), Throws.TypeOf<StoreException>());
        Assert.That(Store.Find(name), Is.Null);
        Assert.That(() => Store.Open(name), Throws.TypeOf<StoreException>());
        Assert.That(() => Store.Remove(name, force: true), Throws.TypeOf<StoreException>());
    }

    [Test]
    public void Running_CannotBeOpenedOrRemoved()
    {
        using var container = Store.Create(Image, Record("work"));
        Assert.That(() => Store.Open("work"), Throws.TypeOf<StoreException>().With.Message.Contains($"process {Environment.ProcessId} runs it"));
        Assert.That(() => Store.Remove("work", force: false), Throws.TypeOf<StoreException>().With.Message.Contains("runs it"));
        Assert.That(Store.List().Single().ProcessId, Is.EqualTo(Environment.ProcessId));
    }

    [Test]
    public void List_IsSortedByName()
    {
        foreach (var name in new[] { "b", "c", "a" })
        {
            Store.Create(Image, Record(name)).Dispose();
        }

        Assert.That(Store.List().Select(one => one.Record.Name), Is.EqualTo(["a", "b", "c"]));
        Assert.That(Store.List().Select(one => one.ProcessId), Is.All.Null);
    }

    [Test]
    public void ReadFile_FindsRegularFiles_UpToTheLimit()
    {
        using var container = Store.CreateEphemeral(Image, Record("x"));
        Assert.That(container.ReadFile("/etc/motd", 100), Is.EqualTo("hello"u8.ToArray()));
        Assert.That(container.ReadFile("/etc/motd", 5), Is.EqualTo("hello"u8.ToArray()));
        Assert.That(() => container.ReadFile("/etc/motd", 4), Throws.TypeOf<StoreException>().With.Message.Contains("'/etc/motd'"));
        Assert.That(container.ReadFile("/no/such", 100), Is.Null);
        Assert.That(container.ReadFile("/etc", 100), Is.Null);
    }

    [Test]
    public void ReadStart_ReadsNoMoreThanItIsAskedFor()
    {
        using var container = Store.CreateEphemeral(Image, Record("x"));
        Assert.That(container.ReadStart("/etc/motd", 4), Is.EqualTo("hell"u8.ToArray()));
        Assert.That(container.ReadStart("/etc/motd", 100), Is.EqualTo("hello"u8.ToArray()));
        Assert.That(container.ReadStart("/no/such", 100), Is.Null);
        Assert.That(container.ReadStart("/etc", 100), Is.Null);
    }

    [Test]
    public void MaterializeCopy_ReplacesTheOverlay_Once()
    {
        using var container = Store.Create(Image, Record("work"));
        Assert.That(container.Root.Lower, Is.EqualTo(Image.Rootfs));
        var copy = container.MaterializeCopy();
        Assert.That(copy.Copy, Is.Not.Null);
        Assert.That((copy.Lower, copy.Upper, copy.Work), Is.EqualTo(((string?)null, (string?)null, (string?)null)));
        Assert.That(container.Root, Is.EqualTo(copy));
        Assert.That(container.MaterializeCopy(), Is.EqualTo(copy));
        Assert.That(container.ReadFile("/etc/motd", 100), Is.EqualTo("hello"u8.ToArray()));
    }

    [Test]
    public void Options_ComeBackAsTheyWere()
    {
        var options = new RunOptions
        {
            Process = new()
            {
                Entrypoint = ["/bin/sh", ""],
                Command = ["-c", "echo \"x\"\n", "bad\uDCFFbyte", "𝄞"],
                Env = ["A=1", "EMPTY="],
                WorkingDirectory = "/w",
                User = "1000:5",
                Terminal = false,
                TimeZone = "Europe/Berlin",
            },
            Files = new()
            {
                Mounts = [new BindMount("/src", "/dst", true), new BindMount("/a\uDC80", "/b", false) { NoExec = true, NoSetUid = true }],
                ReadOnly = true,
                TemporaryMounts = [TemporaryMount.Parse("/t:size=1m,exec,suid,uid=7,nr_inodes=5")],
                ChangesInMemory = 1 << 21,
            },
            Network = new()
            {
                Hostname = "box",
                Mode = NamespaceMode.Own,
                Ipc = NamespaceMode.Host,
                Uts = NamespaceMode.Own,
                Names = new NameOptions { Servers = ["192.0.2.1"], Search = ["."], Resolver = ["ndots:1"], Hosts = [new HostEntry("db", "2001:db8::1")] },
            },
            Limits = new()
            {
                SharedMemory = 1 << 20,
                Resources = [ResourceLimit.Parse("nofile=1:unlimited")],
                Group = new GroupLimits { Memory = 1L << 33, MemoryAndSwap = -1, NanoCpus = 1_500_000_000, Processes = 7 },
            },
        };
        Store.Create(Image, Record("work") with { Options = options }).Dispose();
        var found = Store.Find("work")!.Options;
        Assert.That(found, Is.EqualTo(options).UsingPropertiesComparer());
        Store.Remove("work", force: false);
        Store.Create(Image, Record("work")).Dispose();
        Assert.That(Store.Find("work")!.Options, Is.EqualTo(new RunOptions()).UsingPropertiesComparer());
    }

    protected ContainerRecord Record(string name) => new()
    {
        Name = name,
        Image = ImageReference.Parse("example.com/one:1"),
        ImageDigest = Image.Digest,
        Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Options = new RunOptions(),
    };
}
