using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Registry.Layers.Spill;
using Orca.Registry.Layers.TopDown;
using Orca.Registry.Store;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Layers;

/// <summary>The tree being built, and all that is remembered of it while layers are applied.</summary>
internal sealed class FlatTree : IDisposable
{
    private const uint RootMode = 0b111_101_101; // 0755, until a layer says otherwise

    private readonly TreeRemover _remover;
    private readonly SpillTable _names; // by inode: how many, if there is more than one

    internal FlatTree(Fd rootfs, SpillSpace space, FileBatches? batches = null)
    {
        // The chains close what they opened; this descriptor is our own, so closing it leaves the caller's alone.
        Root = new DirectoryNode(FileSystem.Open(rootfs, PathZ.OfTerminated(".\0"u8), O_RDONLY | O_DIRECTORY), null, [], PathHash.Root);
        Owners = new OwnerTable(space);
        Pending = new PendingDirectories(space);
        Touched = SpillTable.OfBits(space, bits: 1);
        _names = SpillTable.OfWords(space);
        Batches = batches;
        Umask = ReadUmask();
        KeepsLinkTimes = FileSystemNames.KeepsLinkTimes(Root.Handle);
        StepWalker walker = IsTopDown ? new LiteralWalker(this) : new DirectoryWalker(this);
        Chain = new DirectoryChain(this, walker);
        Aside = new DirectoryChain(this, walker);
        _remover = new TreeRemover(this);

        // What the store's directory has (a default ACL, set-gid) must not get into the image.
        _ = FileSystem.TryRemoveXattr(Root.Handle, PathZ.OfTerminated("system.posix_acl_default\0"u8));
        _ = FileSystem.TryRemoveXattr(Root.Handle, PathZ.OfTerminated("system.posix_acl_access\0"u8));
        FileSystem.SetMode(Root.Handle, RootMode);
        _ = FileSystem.TrySetTime(Root.Handle, default);
    }

    /// <summary>Takes small files off the thread that reads the archive; null when layers are applied base first.</summary>
    internal FileBatches? Batches { get; }

    /// <summary>True when the uppermost layer comes first: then nothing is ever in the way that may be removed.</summary>
    internal bool IsTopDown => Batches is not null;

    internal DirectoryNode Root { get; }

    /// <summary>Leads to the parents of entries.</summary>
    internal DirectoryChain Chain { get; }

    /// <summary>Leads to the targets of hard links and to what whiteouts prune, so that <see cref="Chain"/> keeps its place.</summary>
    internal DirectoryChain Aside { get; }

    /// <summary>The paths that the layer being applied has made, and the directories above them: a whiteout takes away what lower layers made and spares these, whichever came first in the archive.</summary>
    internal SpillTable Touched { get; }

    internal OwnerTable Owners { get; }

    internal PendingDirectories Pending { get; }

    internal LayerWarnings Warnings { get; } = new();

    /// <summary>The permission bits that the kernel takes away from what we make.</summary>
    internal uint Umask { get; }

    /// <inheritdoc cref="FileSystemNames.KeepsLinkTimes"/>
    internal bool KeepsLinkTimes { get; }

    /// <summary>The layer being applied, from 1.</summary>
    internal int Layer { get; private set; }

    /// <summary>Names in the tree, the root not counted.</summary>
    internal long Entries { get; set; }

    /// <summary>Bytes of regular files, each inode once.</summary>
    internal long Bytes { get; set; }

    /// <summary>Notes one more name of an inode in the tree, in which it has others: how many it has all in all says nothing, other images may have it too.</summary>
    internal void AddName(ulong inode)
    {
        if (!IsTopDown)
        {
            _names.Set(NameKey(inode), Math.Max(_names.Get(NameKey(inode)), 1) + 1);
        }
    }

    /// <summary>Notes that a name of an inode is gone; true when that was the last one in the tree.</summary>
    internal bool RemoveName(ulong inode)
    {
        var count = _names.Get(NameKey(inode));
        if (count > 1)
        {
            _names.Set(NameKey(inode), count - 1);
        }

        return count <= 1;
    }

    /// <summary>The table keeps all bits of a key but the lowest.</summary>
    private static ulong NameKey(ulong inode) => inode << 1;

    internal void StartLayer(int number)
    {
        Layer = number;
        Touched.Clear();
    }

    /// <summary>Notes what the layer has made, for its whiteouts; <see cref="PathView"/> knows better when the uppermost comes first.</summary>
    internal void Touch(UInt128 hash)
    {
        if (!IsTopDown)
        {
            Touched.Set(hash, 1);
        }
    }

    /// <summary>Notes a directory's time before something in it changes, so that the layer's end can restore it.</summary>
    internal void BeforeChange(DirectoryNode directory)
    {
        if (directory.NotedIn != Layer)
        {
            directory.NotedIn = Layer;
            Pending.Note(directory, FileSystem.Status(directory.Handle).Modified);
        }
    }

    /// <summary>As <see cref="BeforeChange"/>, and the layer has something in it: whiteouts spare the directory and those above.</summary>
    internal void BeforeEntry(DirectoryNode directory)
    {
        BeforeChange(directory);
        if (directory.TouchedIn == Layer || IsTopDown)
        {
            return;
        }

        directory.TouchedIn = Layer;
        ReadOnlySpan<byte> rest = directory.Path;
        for (var hash = PathHash.Root; LayerPath.TakeComponent(ref rest, out var component);)
        {
            Touched.Set(hash = PathHash.Child(hash, component), 1);
        }
    }

    /// <summary>Takes note of a directory that no entry listed but that one needs.</summary>
    internal void AfterMake(DirectoryNode directory)
    {
        directory.NotedIn = Layer;
        Pending.Note(directory, time: default); // the epoch, so that the same image always gives the same tree
        Touch(directory.Hash);
        Entries++;
        Owners.Remove(directory.Hash);
    }

    /// <summary>Takes note of an entry that is on disk now, and of what the disk cannot hold.</summary>
    internal void AfterEntry(DirectoryNode parent, ReadOnlySpan<byte> name, LayerEntry entry, FileKind kind, uint modeOnDisk)
    {
        var hash = PathHash.Child(parent.Hash, name);
        Touch(hash);
        var capabilities = kind == FileKind.Regular && entry.Xattrs.Count > 0 ? FileCapabilities.Of(entry) : default;
        if (entry.Uid != 0 || entry.Gid != 0 || entry.Mode != modeOnDisk || !capabilities.IsEmpty)
        {
            Owners.Set(parent, name, new OwnerRecord((uint)kind | entry.Mode, entry.Uid, entry.Gid) { Capabilities = capabilities });
        }
        else
        {
            Owners.Remove(hash);
        }
    }

    /// <summary>mkdir(2) with u+rwx at least, whatever umask takes away; any other bits are to be set later.</summary>
    internal Errno TryMakeDirectory(DirectoryNode parent, PathZ name)
    {
        var error = FileSystem.TryMakeDirectory(parent.Handle, name, OwnerMode.Directory);
        if (error == Errno.None && (Umask & OwnerMode.Directory) != 0)
        {
            using var made = FileSystem.Open(parent.Handle, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
            _ = FileSystem.TrySetMode(made, PathZ.From($"/proc/self/fd/{made.Number}"), OwnerMode.Directory);
        }

        return error;
    }

    /// <summary>Removes whatever a name in a directory stands for, with all below it; nothing there is fine.</summary>
    internal void Remove(DirectoryNode parent, PathZ name)
    {
        if (IsTopDown && FileSystem.TryStatus(parent.Handle, name, out _) == Errno.None)
        {
            throw new NotTopDownException("a path twice in one layer");
        }

        _remover.Remove(parent, name);
    }

    /// <summary>A directory or a symbolic link is gone: paths may lead elsewhere now.</summary>
    internal void Invalidate()
    {
        Chain.Invalidate();
        Aside.Invalidate();
    }

    public void Dispose()
    {
        Chain.Dispose();
        Aside.Dispose();
        Root.Dispose();
        Owners.Dispose();
        Pending.Dispose();
        Touched.Dispose();
        _names.Dispose();
    }

    /// <summary>umask(2) can only be read by changing it, which other threads would see; the kernel also tells it in a file.</summary>
    internal static uint ReadUmask()
    {
        const uint unknown = 0b111_111_111; // 0777: every mode is set explicitly then
        ReadOnlySpan<byte> text = HostFileReader.ReadDefault("/proc/self/status", 65536).Content;
        var start = text.IndexOf("\nUmask:\t"u8);
        if (start < 0)
        {
            return unknown;
        }

        text = text[(start + 8)..];
        return TarNumber.TryRead(text[..text.IndexOf((byte)'\n')], out var umask) ? (uint)umask : unknown;
    }
}
