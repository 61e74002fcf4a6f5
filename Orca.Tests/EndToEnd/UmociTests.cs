using System.Globalization;
using NUnit.Framework;
using Orca.Core.Linux;
using Orca.Tests.Fixtures;
using Orca.Tests.Registry.Archives;
using static Tmds.Linux.LibC;

namespace Orca.Tests.EndToEnd;

/// <summary>umoci as an oracle: what it unpacks of the real images is what orca has of them.</summary>
[Category("EndToEnd")]
public sealed class UmociTests
{
    [TestCase(World.Busybox)]
    [TestCase(World.Debian)]
    [TestCase(World.Dev)]
    public void Tree_IsWhatUmociUnpacks_WithoutRoot(string image)
    {
        using var home = new Home();
        var ours = Pull(home, image);
        home.Program("umoci", "unpack", "--rootless", "--image", "layout:x", "bundle").Within(300).Run().Succeeds();

        // Where a device belongs umoci makes an empty file; owners it cannot give.
        var devices = ours.Where(static one => one.Value.Type is 'c' or 'b').Select(static one => one.Key).ToHashSet(StringComparer.Ordinal);
        Compare(ours, Read(home, "bundle/rootfs"), devices.Contains, static entry => entry with { Owner = "" });
    }

    [TestCase(World.Busybox)]
    [TestCase(World.Debian)]
    public void SideTable_HasTheOwnersAndDevicesThatUmociMakes_AsRoot(string image)
    {
        Needs.Root("only root gives files to others and makes devices");
        using var home = new Home();
        var ours = Pull(home, image);
        home.Program("umoci", "unpack", "--image", "layout:x", "bundle").AsCaller().Within(300).Run().Succeeds();
        try
        {
            Compare(ours, Read(home, "bundle/rootfs"), static _ => false, static entry => entry);
        }
        finally
        {
            World.Tool("rm", "-rf", Path.Combine(home.Directory, "bundle"));
        }
    }

    /// <summary>Whatever is there, an entry of an upper layer takes its place. A character device 0:0 is what overlay hides a file with; orca makes nothing of it.</summary>
    [Test]
    public void DeviceOrFifoOverALowerFile_TakesItsPlace([Values] bool asRoot)
    {
        if (asRoot)
        {
            Needs.Root("only root makes devices");
        }

        string[] names = ["file", "dir", "link"];
        var (lower, upper) = (new TarBuilder(), new TarBuilder());
        foreach (var prefix in new[] { "c", "b", "p", "zero" })
        {
            lower.File($"{prefix}-file", "hidden").Dir($"{prefix}-dir").File($"{prefix}-dir/x", "hidden").Link($"{prefix}-link", "c-file");
            foreach (var name in names.Select(name => $"{prefix}-{name}"))
            {
                _ = prefix == "p" ? upper.Fifo(name) : upper.Device(prefix == "b" ? '4' : '3', name, prefix == "zero" ? 0 : 1, prefix == "zero" ? 0 : 3);
            }
        }

        lower.Dir("./").Dir("filler");
        for (var i = 0; i < 220; i++)
        {
            lower.File($"filler/{i}");
        }

        using var home = new Home();
        foreach (var (name, content) in ArchiveBuilder.Oci(TestImage.Of(lower.Build(), upper.Build()), "org.opencontainers.image.ref.name=x"))
        {
            var path = Path.Combine(home.Directory, "layout", name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }

        World.Tool("chown", "-R", $"--reference={home.Directory}", Path.Combine(home.Directory, "layout"));
        home.Orca("load", "--tag", "devices:1", "oci:layout:x").Run().Succeeds();
        var ours = ReadStored(home);
        var unpack = home.Program("umoci", asRoot ? ["unpack", "--image", "layout:x", "bundle"] : ["unpack", "--rootless", "--image", "layout:x", "bundle"]);
        (asRoot ? unpack.AsCaller() : unpack).Run().Succeeds();
        try
        {
            var theirs = Read(home, "bundle/rootfs");
            Assert.That(names.Select(name => ours.ContainsKey($"zero-{name}")), Is.All.False);
            Assert.That(names.Select(name => theirs[$"zero-{name}"].Type), Is.All.EqualTo(asRoot ? 'c' : 'f'));
            Compare(ours, theirs, path => path.StartsWith("zero-", StringComparison.Ordinal) || (!asRoot && path.Length > 1 && path[1] == '-' && path[0] != 'p'), entry => asRoot ? entry : entry with { Owner = "" });
        }
        finally
        {
            World.Tool("rm", "-rf", Path.Combine(home.Directory, "bundle"));
        }
    }

    /// <summary>Pulls the image, copies it to a layout for umoci, and reads orca's tree with what its side table says.</summary>
    private static SortedDictionary<string, Entry> Pull(Home home, string image)
    {
        home.Orca("pull", image).Within(300).Run().Succeeds();
        home.Program("skopeo", "copy", "-q", "--insecure-policy", "--src-tls-verify=false", $"docker://{image}", "oci:layout:x").Within(300).Run().Succeeds();
        return ReadStored(home);
    }

    private static SortedDictionary<string, Entry> ReadStored(Home home)
    {
        var stored = home.Shell("echo .local/share/orca/images/*/").Lines.Single().TrimEnd('/');
        var tree = Read(home, stored + "/rootfs");
        foreach (var path in tree.Keys.ToList())
        {
            tree[path] = tree[path] with { Owner = "0:0" };
        }

        foreach (var record in NativeText.Decode(File.ReadAllBytes(Path.Combine(home.Directory, stored, "owners"))).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = record.Split(' ', 5);
            var (mode, owner, path) = (Convert.ToInt32(fields[0], 8), $"{fields[1]}:{fields[2]}", fields[4] == "." ? "" : fields[4]);
            tree[path] = fields[3] == "-" || fields[3][0] == '='
                ? tree[path] with { Mode = mode & 0xFFF, Owner = owner }
                : new Entry { Type = (mode & 0xF000) == 0x2000 ? 'c' : 'b', Mode = mode & 0xFFF, Owner = owner };
        }

        return tree;
    }

    private static void Compare(SortedDictionary<string, Entry> ours, SortedDictionary<string, Entry> theirs, Predicate<string> isLeftOut, Func<Entry, Entry> reduce)
    {
        List<string> Lines(SortedDictionary<string, Entry> tree) => [.. tree.Where(one => !isLeftOut(one.Key)).Select(one => $"{one.Key}: {reduce(one.Value).OnlyWhatItHas()}")];
        var (mine, others) = (Lines(ours), Lines(theirs));
        Assert.That(mine, Has.Count.GreaterThan(200));
        Assert.Multiple(() =>
        {
            Assert.That(mine.Except(others).Take(10), Is.Empty, "only orca has");
            Assert.That(others.Except(mine).Take(10), Is.Empty, "only umoci has");
        });
    }

    private static SortedDictionary<string, Entry> Read(Home home, string root)
    {
        var (full, tree, firstNames) = (Path.Combine(home.Directory, root), new SortedDictionary<string, Entry>(StringComparer.Ordinal), new Dictionary<string, string>());
        var fields = Split(World.Tool("find", full, "-printf", @"%P\0%y\0%m\0%s\0%T@\0%i\0%U:%G\0%l\0"));
        for (var i = 0; i + 8 <= fields.Length; i += 8)
        {
            tree[fields[i]] = new Entry
            {
                Type = fields[i + 1][0],
                Mode = Convert.ToInt32(fields[i + 2], 8),
                Size = long.Parse(fields[i + 3], CultureInfo.InvariantCulture),
                Time = fields[i + 4],
                Inode = fields[i + 5],
                Owner = fields[i + 6],
                Target = fields[i + 7],
            };
        }

        foreach (var line in Split(new Command("find", full, "-type", "f", "-exec", "sha256sum", "-z", "{}", "+").AsCaller().Within(300).Run()))
        {
            var path = line.Length > 66 ? Path.GetRelativePath(full, line[66..]) : "";
            tree[path] = path.Length > 0 ? tree[path] with { Content = line[..64] } : tree[path];
        }

        foreach (var (path, entry) in tree.ToList())
        {
            firstNames.TryAdd(entry.Inode, path);
            tree[path] = entry with { Inode = entry.Type == 'd' ? "" : firstNames[entry.Inode], Xattrs = entry.Type is 'd' or 'f' ? Xattrs(Path.Combine(full, path)) : "" };
        }

        return tree;
    }

    private static string[] Split(Outcome outcome) => outcome.Succeeds().Output.Split('\0');

    /// <summary>Those a user may set, but for the one in which umoci notes owners.</summary>
    private static string Xattrs(string path)
    {
        using var file = FileSystem.Open(null, PathZ.From(path), O_RDONLY | O_NOFOLLOW);
        return string.Join(' ', FileSystem.ListXattrs(file).Where(static name => NativeText.Decode(name) is ['u', 's', 'e', 'r', '.', ..] text && text != "user.rootlesscontainers")
            .Select(name => $"{NativeText.Decode(name)}={Convert.ToHexString(FileSystem.GetXattr(file, PathZ.From(name)) ?? [])}").Order(StringComparer.Ordinal));
    }

    private sealed record Entry
    {
        public required char Type { get; init; }

        public required int Mode { get; init; }

        public required string Owner { get; init; }

        public long Size { get; init; }

        public string Time { get; init; } = "";

        /// <summary>The first name of the inode.</summary>
        public string Inode { get; init; } = "";

        public string Target { get; init; } = "";

        public string Content { get; init; } = "";

        public string Xattrs { get; init; } = "";

        /// <summary>A directory's size is its file system's; of a device orca keeps type, mode and owner.</summary>
        public Entry OnlyWhatItHas() => Type switch
        {
            'd' => this with { Size = 0 },
            'c' or 'b' => new Entry { Type = Type, Mode = Mode, Owner = Owner },
            _ => this,
        };
    }
}
