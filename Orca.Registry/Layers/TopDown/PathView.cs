using Orca.Registry.Layers.Spill;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Decides for each path of a layer whether the layers above it, applied already, leave anything of it.</summary>
/// <remarks>
/// Two tables: what the layers above said, and what the layer being applied says, which counts for the layers below it only. Where the outcome
/// hangs on something that a lower layer decides (a symbolic link on the way, an inode's other name) it throws <see cref="NotTopDownException"/>.
/// Of the lowest layer nothing is noted that the disk alone tells: images of one huge layer take no memory.
/// </remarks>
internal sealed class PathView(SpillSpace space) : IDisposable
{
    private readonly PathFacts _above = new(space);
    private readonly PathFacts _layer = new(space);
    private byte[] _parent = new byte[256];
    private int _parentLength = -1;
    private bool _parentIsMade;
    private Place _place;
    private bool _isBase;

    /// <summary>Where a directory stands: its hash, whether what is in it can be seen, and how much of its path can.</summary>
    internal readonly record struct Place(UInt128 Hash, bool IsHidden, int VisibleLength);

    internal void StartLayer(bool isBase)
    {
        _isBase = isBase;
        _parentLength = -1;
    }

    internal void EndLayer()
    {
        if (!_isBase)
        {
            _above.Merge(_layer);
        }

        _layer.Clear();
    }

    public void Dispose()
    {
        _above.Dispose();
        _layer.Dispose();
    }

    /// <summary>Takes back all that was noted since the layer's start.</summary>
    internal void Forget()
    {
        _layer.Clear();
        _parentLength = -1;
    }

    /// <summary>Goes to the parent of an entry; <paramref name="makes"/>: the entry needs it, as a whiteout does not.</summary>
    internal Place Enter(ReadOnlySpan<byte> parent, bool makes)
    {
        if (_parentLength >= 0 && (_parentIsMade || !makes) && parent.SequenceEqual(_parent.AsSpan(0, _parentLength)))
        {
            return _place;
        }

        var hash = PathHash.Root;
        var isHidden = (_above[hash] & PathFact.Opaque) != 0;
        var visible = 0;
        var rest = parent;
        while (LayerPath.TakeComponent(ref rest, out var component))
        {
            hash = PathHash.Child(hash, component);
            var above = _above[hash];
            var isGone = isHidden || (above & (PathFact.Other | PathFact.Gone)) != 0;
            NoteParent(hash, above, isGone, makes);
            visible = isGone ? visible : parent.Length - rest.Length;
            isHidden = isGone || (above & PathFact.Opaque) != 0;
        }

        Remember(parent, makes);
        return _place = new Place(hash, isHidden, visible);
    }

    /// <summary>Notes an entry; true when it is to be written.</summary>
    internal bool Add(EntryKind kind, Place parent, ReadOnlySpan<byte> name)
    {
        var hash = PathHash.Child(parent.Hash, name);
        var (above, layer) = (_above[hash], _layer[hash]);
        var isGone = parent.IsHidden || (above & (PathFact.Other | PathFact.Gone)) != 0;
        if (kind == EntryKind.Directory)
        {
            return AddDirectory(hash, above, layer, isGone);
        }

        if ((layer & PathFact.Kinds) != 0)
        {
            throw new NotTopDownException("a path twice in one layer");
        }

        if (kind is EntryKind.SymbolicLink or EntryKind.HardLink && (above & (PathFact.Mentioned | PathFact.Implied)) != 0)
        {
            throw new NotTopDownException("a link where upper layers go through");
        }

        var isVisible = !isGone && (above & PathFact.Kinds) == 0;
        if (!_isBase || !isVisible || kind is EntryKind.CharDevice or EntryKind.BlockDevice)
        {
            _layer.Set(hash, layer | PathFact.Other | (isGone ? PathFact.Unseen : PathFact.None));
        }

        return isVisible;
    }

    /// <summary>What is known of a hard link's target.</summary>
    internal LinkTarget TargetOf(Place parent, ReadOnlySpan<byte> name)
    {
        var hash = PathHash.Child(parent.Hash, name);
        var isHidden = parent.IsHidden || (_above[hash] & (PathFact.Kinds | PathFact.Gone)) != 0;
        var layer = _layer[hash];
        if ((layer & PathFact.Other) != 0)
        {
            return isHidden || (layer & PathFact.Unseen) != 0 ? LinkTarget.Hidden : LinkTarget.OnDisk;
        }

        return _isBase && !isHidden ? LinkTarget.OnDisk : LinkTarget.Unknown;
    }

    /// <summary>A whiteout of one name: <see cref="PathFact.Gone"/>.</summary>
    internal void Hide(Place parent, ReadOnlySpan<byte> name) => Note(PathHash.Child(parent.Hash, name), PathFact.Gone);

    /// <summary>An opaque mark in a directory.</summary>
    internal void Clear(Place directory) => Note(directory.Hash, PathFact.Opaque);

    private bool AddDirectory(UInt128 hash, PathFact above, PathFact layer, bool isGone)
    {
        if ((layer & PathFact.Other) != 0)
        {
            throw new NotTopDownException("a path twice in one layer");
        }

        if (isGone && (above & PathFact.Implied) != 0)
        {
            throw new NotTopDownException("a directory that an upper layer cleared and needs");
        }

        // Listed behind its children: those may have come through a lower layer's link of this name.
        var wasUsed = (layer & (PathFact.Implied | PathFact.Mentioned)) != 0;
        if (!_isBase || isGone || (above & PathFact.Kinds) != 0)
        {
            _layer.Set(hash, (layer & ~PathFact.Implied) | PathFact.Listed | (wasUsed ? PathFact.Mentioned : PathFact.None) | (isGone ? PathFact.Unseen : PathFact.None));
        }

        return !isGone && (above & PathFact.Listed) == 0;
    }

    private void NoteParent(UInt128 hash, PathFact above, bool isGone, bool makes)
    {
        var layer = _layer[hash];
        if ((layer & PathFact.Other) != 0)
        {
            throw new NotTopDownException("a way through what is no directory in its own layer");
        }

        if (makes && (layer & PathFact.Kinds) == 0)
        {
            if (!_isBase || isGone || (above & PathFact.Kinds) != 0)
            {
                _layer.Set(hash, layer | PathFact.Implied | (isGone ? PathFact.Unseen : PathFact.None));
            }
        }
        else if (!makes && (layer & (PathFact.Kinds | PathFact.Mentioned)) == 0)
        {
            Note(hash, PathFact.Mentioned);
        }
    }

    private void Note(UInt128 hash, PathFact facts)
    {
        if (!_isBase)
        {
            _layer.Set(hash, _layer[hash] | facts);
        }
    }

    private void Remember(ReadOnlySpan<byte> parent, bool makes)
    {
        if (_parent.Length < parent.Length)
        {
            _parent = new byte[parent.Length * 2];
        }

        parent.CopyTo(_parent);
        (_parentLength, _parentIsMade) = (parent.Length, makes);
    }
}
