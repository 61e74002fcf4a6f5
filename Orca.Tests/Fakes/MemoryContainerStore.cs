using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Registry.Store;

namespace Orca.Tests.Fakes;

/// <summary>Containers in memory. Their files are what <see cref="Files"/> holds.</summary>
internal sealed class MemoryContainerStore(IImageStore images) : IContainerStore
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>What every container shows, by absolute path.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>What is thrown where a copy of a container's tree is asked for; null lets it be made.</summary>
    public Func<Exception>? CopyFailure { get; set; }

    public ContainerRecord? Find(string name) => _entries.TryGetValue(name, out var entry) && entry.IsKept ? entry.Record : null;

    public IContainer CreateEphemeral(StoredImage image, ContainerRecord record)
    {
        record = ContainerNames.IsRandom(record.Name) ? record : record with { Name = ContainerNames.Random() };
        return Add(image, record, isKept: false);
    }

    public IContainer Create(StoredImage image, ContainerRecord record) =>
        !ContainerNames.IsValid(record.Name) || ContainerNames.IsRandom(record.Name) ? throw new StoreException($"cannot make container '{record.Name}': {ContainerNames.Rule}")
        : _entries.ContainsKey(record.Name) ? throw new StoreException($"cannot make container '{record.Name}': there is one of that name")
        : Add(image, record, isKept: true);

    public IContainer Open(string name)
    {
        if (!_entries.TryGetValue(name, out var entry) || !entry.IsKept)
        {
            throw new StoreException($"cannot run container '{name}': there is none of that name");
        }

        if (entry.Running is not null)
        {
            throw new StoreException($"cannot run container '{name}': process {Environment.ProcessId} runs it");
        }

        var image = images.Find(entry.Record.ImageDigest) ?? throw new StoreException($"cannot run container '{name}': its image is gone");
        return entry.Running = new Running(this, entry, image);
    }

    public void Finish(string token)
    {
        if (!_entries.TryGetValue(token, out var entry))
        {
            throw new StoreException($"cannot finish container '{token}': that is no token of this store's");
        }

        entry.Running!.Dispose();
    }

    public ContainerInstance? FindRunning(string name) =>
        _entries.TryGetValue(name, out var entry) ? entry.Instance : throw new StoreException($"cannot find container '{name}': there is none of that name");

    public ContainerSummary? Look(string name) => List().FirstOrDefault(container => container.Record.Name == name);

    public IContainerWatch Watch(string name) => _entries.TryGetValue(name, out var entry) ? new Watcher(entry) : throw new StoreException($"cannot find container '{name}': there is none of that name");

    public Orca.Core.Linux.Fd OpenDirectory(string name) => throw new NotSupportedException("containers in memory have no directory");

    public IReadOnlyList<ContainerChange> Changes(string name) => [];

    public void Rename(string from, string to)
    {
        if (!_entries.Remove(from, out var entry) || _entries.ContainsKey(to))
        {
            throw new StoreException($"cannot rename container '{from}' to '{to}'");
        }

        entry.Record = entry.Record with { Name = to };
        _entries.Add(to, entry);
    }

    public IReadOnlyList<ContainerSummary> List() => [.. _entries.Values.Where(entry => entry.IsKept || entry.WasLaunched).OrderBy(entry => entry.Record.Name, StringComparer.Ordinal)
        .Select(entry => new ContainerSummary { Record = entry.Record, Kept = entry.IsKept, ProcessId = entry.Running is null ? null : Environment.ProcessId, IsHeld = entry.Running is not null })];

    public void Remove(string name, bool force)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            throw new StoreException($"cannot remove container '{name}': there is none of that name");
        }

        if (entry.Running is not null)
        {
            throw new StoreException($"cannot remove container '{name}': process {Environment.ProcessId} runs it");
        }

        _entries.Remove(name);
    }

    private Running Add(StoredImage image, ContainerRecord record, bool isKept)
    {
        var entry = new Entry(record, isKept);
        _entries[record.Name] = entry;
        return entry.Running = new Running(this, entry, image);
    }

    private sealed class Entry(ContainerRecord record, bool isKept)
    {
        public ContainerRecord Record { get; set; } = record;

        public bool IsKept => isKept;

        public Running? Running { get; set; }

        public bool WasLaunched { get; set; }

        public ContainerInstance? Instance { get; set; }
    }

    private sealed class Watcher(Entry entry) : IContainerWatch
    {
        public bool IsHeld => entry.Running is not null;

        public RunTimes? Times => null;

        public void Dispose()
        {
        }
    }

    private sealed class Running(MemoryContainerStore store, Entry entry, StoredImage image) : IContainer
    {
        private string Directory => $"containers/{entry.Record.Name}";

        public ContainerRecord Record => entry.Record;

        public StoredImage Image => image;

        public RootFileSystem Root { get; private set; } = new()
        {
            Store = "/memory",
            Directory = $"containers/{entry.Record.Name}",
            Lower = image.Rootfs,
            Upper = $"containers/{entry.Record.Name}/upper",
            Work = $"containers/{entry.Record.Name}/work",
            Volatile = !entry.IsKept,
            Memory = !entry.IsKept && entry.Record.Options.Files.ChangesInMemory is { } size ? new MemoryLayer(size, 0b111_101_101) : null,
        };

        public byte[]? ReadFile(string path, int limit) =>
            !store.Files.TryGetValue(path, out var bytes) ? null : bytes.Length <= limit ? bytes : throw new StoreException($"cannot read '{path}' of the container: it is too large");

        public byte[]? ReadStart(string path, int count) => store.Files.TryGetValue(path, out var bytes) ? bytes[..Math.Min(count, bytes.Length)] : null;

        public RootEntry Find(string path) => new(CleanPath.Of(path), RootEntryKind.Missing);

        public void Launched() => entry.WasLaunched = true;

        public void Started(int process, RunOptions options) => entry.Instance = new ContainerInstance(entry.Record with { Options = options }, new ProcessIdentity(process, 0));

        public Orca.Core.Sandbox.RunJournal? OpenJournal(bool withLog) => null;

        public void Remember(RunOptions options) => entry.Record = entry.Record with { Options = options };

        public string HandOver() => entry.Record.Name;

        public RootFileSystem MaterializeCopy() => store.CopyFailure is { } failure ? throw failure() :
            Root = Root.Copy is not null ? Root : new RootFileSystem { Store = "/memory", Directory = Directory, Copy = Directory + "/rootfs", Volatile = !entry.IsKept };

        public void Dispose()
        {
            entry.Running = null;
            entry.Instance = null;
            if (!entry.IsKept)
            {
                store._entries.Remove(entry.Record.Name);
            }
        }
    }
}
