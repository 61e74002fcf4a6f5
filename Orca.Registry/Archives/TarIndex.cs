using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Registry.Layers;

namespace Orca.Registry.Archives;

/// <summary>One file in an archive: where its bytes lie, or what it points to.</summary>
internal readonly record struct TarMember(EntryKind Kind, long Offset, long Size, bool IsSparse, string Target)
{
    /// <summary>True when another entry has the same name: tools disagree about which one counts.</summary>
    internal bool IsAmbiguous { get; init; }
}

/// <summary>The table of contents of an archive that holds images, or of a tree, in bounded memory.</summary>
internal sealed class TarIndex
{
    internal const string DockerManifest = "manifest.json";
    internal const string OciLayout = "oci-layout";
    internal const string OciIndex = "index.json";
    internal const string DockerRepositories = "repositories";

    private const int MaxName = 512;
    private const long MaxMemory = 32 << 20;
    private static readonly string[] s_marks = [DockerManifest, OciLayout, OciIndex, DockerRepositories];

    private readonly Dictionary<string, TarMember> _members = new(StringComparer.Ordinal);
    private long _memory;
    private bool _hasSeveralFolders;

    private TarIndex()
    {
    }

    /// <summary>How many entries the archive has.</summary>
    internal long Entries { get; private set; }

    /// <summary>False when there were too many names to keep; those that tell what the archive is are always there.</summary>
    internal bool IsComplete { get; private set; } = true;

    /// <summary>Reads an archive to its end, over what the entries hold.</summary>
    /// <exception cref="LayerException">It is malformed or beyond the limits of an image.</exception>
    internal static TarIndex Read(Stream archive, ImageLimits limits, CancellationToken cancellationToken)
    {
        var index = new TarIndex();
        using var tar = new TarReader(archive, new LayerBudget(LayerLimits.Of(limits)), layer: 0);
        while (tar.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            index.Add(tar.Entry);
        }

        // No digest guards what is given by hand: without a mark nobody could tell the end from a cut.
        if (!tar.HasEndMark)
        {
            throw new LayerException($"it is truncated: after {index.Entries} entries its end is not marked");
        }

        tar.Drain();
        return index;
    }

    /// <summary>The one directory that everything is in; null when there is none, or more.</summary>
    internal string? Folder { get => _hasSeveralFolders ? null : field; private set; }

    /// <summary>The names of its files, links included.</summary>
    internal IEnumerable<string> Names => _members.Keys;

    internal TarMember? Find(string name) => _members.TryGetValue(name, out var member) ? member : null;

    internal bool Has(string name) => _members.TryGetValue(name, out var member) && member.Kind == EntryKind.File;

    internal bool HasNameEndingIn(string end) => _members.Keys.Any(name => name.EndsWith(end, StringComparison.Ordinal));

    private void Add(LayerEntry entry)
    {
        Entries++;
        var raw = entry.Name;
        while (raw.StartsWith("./"u8) || raw.StartsWith("/"u8))
        {
            raw = raw[(raw[0] == '.' ? 2 : 1)..];
        }

        NoteFolder(entry.Kind, raw);
        if (entry.Kind is not (EntryKind.File or EntryKind.HardLink or EntryKind.SymbolicLink) || raw.Length is 0 or > MaxName || entry.Target.Length > MaxName)
        {
            return;
        }

        var name = NativeText.Decode(raw);
        var target = entry.Kind == EntryKind.File ? string.Empty : NativeText.Decode(entry.Target);
        var cost = 100 + (2 * (name.Length + target.Length));
        if (_memory + cost > MaxMemory && !s_marks.Contains(name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]))
        {
            IsComplete = false;
            return;
        }

        _memory += cost;
        var member = new TarMember(entry.Kind, entry.Offset + TarHeader.Size, entry.Size, entry.IsSparse, target);
        _members[name] = member with { IsAmbiguous = _members.ContainsKey(name) };
    }

    private void NoteFolder(EntryKind kind, ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty || raw.SequenceEqual("."u8) || _hasSeveralFolders)
        {
            return;
        }

        var slash = raw.IndexOf((byte)'/');
        var isInside = slash > 0 || kind == EntryKind.Directory;
        var folder = NativeText.Decode(slash > 0 ? raw[..slash] : raw);
        _hasSeveralFolders = !isInside || (Folder ?? folder) != folder;
        Folder = folder;
    }
}
