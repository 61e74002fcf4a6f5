using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Upkeep;
using Orca.Registry.Store;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Store;

/// <summary>Random histories of changes, snapshots, undos, restores, branches and removals, held against a model that copies everything.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SnapshotModelTests : IDisposable
{
    private readonly TestStore _store = new();
    private readonly StoredImage _image;
    private readonly SnapshotStore _snapshots;
    private readonly Dictionary<string, Model> _models = new(StringComparer.Ordinal);
    private int _made;

    public SnapshotModelTests()
    {
        _image = _store.Add(TestImage.Of(new TarBuilder().Dir("a/").File("a/x", "image").File("a/y", "image").Dir("b/").File("b/x", "image").File("z", "image").Build()), "example.com/one:1");
        _snapshots = new SnapshotStore(_store.OpenRoot(), _store.Open().Images, TimeProvider.System);
    }

    [Test]
    public void RandomHistories_GiveWhatTheModelSays([Range(1, 100)] int seed)
    {
        var random = new Random(seed);
        Make("c0");
        for (var step = 0; step < 25; step++)
        {
            var name = _models.Keys.ElementAt(random.Next(_models.Count));
            var done = Step(random, name, _models[name]);
            Assert.That(Shown(name), Is.EqualTo(Text(_models[name].Now)), $"seed {seed}, step {step}: {done} of {name}");
        }

        foreach (var (name, model) in _models)
        {
            Assert.That(Shown(name), Is.EqualTo(Text(model.Now)), name);
            foreach (var (number, state) in model.Kept)
            {
                _snapshots.Restore(name, number);
                Assert.That(Shown(name), Is.EqualTo(Text(state)), $"seed {seed}: snapshot {number} of {name}");
            }
        }

        Assert.That(_store.Upkeep().Check(new CheckOptions(), CancellationToken.None).Findings, Is.Empty);
        foreach (var name in _models.Keys)
        {
            _store.Open().Containers.Remove(name, force: false);
        }

        Assert.That(_store.Names("layers"), Is.EqualTo(["lock"]));
    }

    public void Dispose() => _store.Dispose();

    private string Step(Random random, string name, Model model)
    {
        switch (random.Next(12))
        {
            case 0 or 1:
                model.Kept[_snapshots.Take(name, "").Number] = new(model.Now, StringComparer.Ordinal);
                return "snapshot";
            case 2 or 3:
                return Undo(name, model);
            case 4 when model.Kept.Count > 0:
                var number = model.Kept.Keys.ElementAt(random.Next(model.Kept.Count));
                var left = _snapshots.Restore(name, number);
                if (left.Left != left.To)
                {
                    Leave(model, left);
                }

                return $"restore {number}";
            case 5 when _models.Count < 4:
                Branch(name, model);
                return "branch";
            case 6 when model.Kept.Count > 0:
                var gone = model.Kept.Keys.ElementAt(random.Next(model.Kept.Count));
                _snapshots.Remove(name, gone);
                model.Kept.Remove(gone);
                return $"rm {gone}";
            default:
                return Change(random, name, model);
        }
    }

    private string Undo(string name, Model model)
    {
        SnapshotMove move;
        try
        {
            move = _snapshots.Undo(name);
        }
        catch (StoreException)
        {
            Assert.That(model.Now, Is.EqualTo(Model.Image), "only what is as its image has nothing to take back");
            return "undo of nothing";
        }

        Leave(model, move);
        return "undo";
    }

    private static void Leave(Model model, SnapshotMove move)
    {
        Assert.That(move.To == 0 || model.Kept.ContainsKey(move.To), $"it went to {move.To}");
        if (move.Left != 0)
        {
            if (model.Kept.TryGetValue(move.Left, out var before))
            {
                Assert.That(before, Is.EqualTo(model.Now), "what it left was that snapshot");
            }

            model.Kept[move.Left] = new(model.Now, StringComparer.Ordinal);
        }

        model.Now = new(move.To == 0 ? Model.Image : model.Kept[move.To], StringComparer.Ordinal);
    }

    private void Branch(string name, Model model)
    {
        var other = "c" + ++_made;
        _snapshots.Branch(name, other);
        var copy = new Model { Now = new(model.Now, StringComparer.Ordinal) };
        foreach (var snapshot in _snapshots.History(name).Snapshots)
        {
            model.Kept.TryAdd(snapshot.Number, new(model.Now, StringComparer.Ordinal)); // what a branch has kept
            copy.Kept[snapshot.Number] = new(model.Kept[snapshot.Number], StringComparer.Ordinal);
        }

        _models[other] = copy;
    }

    /// <summary>Changes the upper layer as an overlay does.</summary>
    private string Change(Random random, string name, Model model)
    {
        var upper = Upper(name);
        var directory = "abd"[random.Next(3)].ToString();
        var file = $"{directory}/{"xyw"[random.Next(3)]}";
        if (random.Next(4) == 0)
        {
            // The whole directory is removed, and perhaps made again.
            Clear(Path.Combine(upper, directory));
            foreach (var path in model.Now.Keys.Where(path => path.StartsWith(directory + "/", StringComparison.Ordinal)).ToList())
            {
                model.Now.Remove(path);
            }

            Whiteout(Path.Combine(upper, directory));
            if (random.Next(2) == 0)
            {
                File.Delete(Path.Combine(upper, directory));
                MakeOpaque(Path.Combine(upper, directory));
            }

            return $"removal of {directory}";
        }

        var place = Path.Combine(upper, directory);
        if (File.Exists(place) && !Directory.Exists(place))
        {
            File.Delete(place); // a whiteout: the directory is made anew
            MakeOpaque(place);
        }
        else if (!Directory.Exists(place))
        {
            Directory.CreateDirectory(place);
            if (IsHidden(name, directory))
            {
                MakeOpaque(place);
            }
        }

        var target = Path.Combine(upper, file);
        File.Delete(target);
        if (random.Next(3) == 0)
        {
            model.Now.Remove(file);
            Whiteout(target);
            return $"removal of {file}";
        }

        model.Now[file] = "v" + ++_made;
        File.WriteAllText(target, model.Now[file]);
        return $"write of {file}";
    }

    /// <summary>Whether a layer below the upper one has a whiteout as the first thing of that name.</summary>
    private bool IsHidden(string name, string directory)
    {
        using var container = _store.Open().Containers.Open(name);
        foreach (var layer in container.Root.Layers)
        {
            var path = Path.Combine(_store.Root, layer, directory);
            if (Path.Exists(path))
            {
                return !Directory.Exists(path);
            }
        }

        return false;
    }

    private static void Clear(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    private static void Whiteout(string path)
    {
        using var made = System.Diagnostics.Process.Start("mknod", [path, "c", "0", "0"]);
        made.WaitForExit();
        Assert.That(made.ExitCode, Is.Zero);
    }

    private static void MakeOpaque(string path)
    {
        Directory.CreateDirectory(path);
        using var directory = FileSystem.OpenDirectory(null, PathZ.From(path));
        Assert.That(FileSystem.TrySetXattr(directory, PathZ.From("user.overlay.opaque"), "y"u8), Is.EqualTo(Errno.None));
    }

    private void Make(string name)
    {
        _store.Open().Containers.Create(_image, new ContainerRecord
        {
            Name = name,
            Image = ImageReference.Parse("example.com/one:1"),
            ImageDigest = _image.Digest,
            Created = DateTimeOffset.UnixEpoch,
            Options = new RunOptions(),
        }).Dispose();
        _models[name] = new Model();
    }

    private string Upper(string name)
    {
        using var container = _store.Open().Containers.Open(name);
        return Path.Combine(_store.Root, container.Root.Upper!);
    }

    /// <summary>What the container shows: read path by path, and as a merged tree of links would be.</summary>
    private string Shown(string name)
    {
        var paths = (string[])["z", .. "abd".SelectMany(static directory => "xyw".Select(file => $"{directory}/{file}"))];
        using var container = _store.Open().Containers.Open(name);
        return string.Join(' ', paths.Order(StringComparer.Ordinal).Select(path => (path, bytes: container.ReadFile("/" + path, 100))).Where(static one => one.bytes is not null)
            .Select(static one => $"{one.path}={System.Text.Encoding.UTF8.GetString(one.bytes!)}"));
    }

    private static string Text(SortedDictionary<string, string> files) => string.Join(' ', files.Select(static file => $"{file.Key}={file.Value}"));

    private sealed class Model
    {
        internal static readonly SortedDictionary<string, string> Image = new(StringComparer.Ordinal) { ["a/x"] = "image", ["a/y"] = "image", ["b/x"] = "image", ["z"] = "image" };

        internal SortedDictionary<string, string> Now { get; set; } = new(Image, StringComparer.Ordinal);

        internal Dictionary<int, SortedDictionary<string, string>> Kept { get; } = [];
    }
}
