using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>A directory of the tree, open, with the one path that leads to it without symbolic links.</summary>
internal sealed class DirectoryNode(Fd handle, DirectoryNode? parent, byte[] name, UInt128 hash) : IDisposable
{
    /// <summary>An O_PATH descriptor.</summary>
    internal Fd Handle => handle;

    /// <summary>In normal form; empty for the root. Put together when it is asked for: the directories on the way to one deep path would else hold megabytes.</summary>
    internal byte[] Path => Join([]);

    internal UInt128 Hash => hash;

    internal bool IsClosed => handle.IsClosed;

    /// <summary>The last layer that noted the directory's times before changing it.</summary>
    internal int NotedIn { get; set; }

    /// <summary>The last layer that marked it as touched.</summary>
    internal int TouchedIn { get; set; }

    internal DirectoryNode Child(ReadOnlySpan<byte> name, Fd opened) => new(opened, this, name.ToArray(), PathHash.Child(hash, name));

    /// <summary>The same directory with another descriptor.</summary>
    internal DirectoryNode Again(Fd opened) => new(opened, parent, name, hash);

    /// <summary>The path of a name in this directory.</summary>
    internal byte[] Join(ReadOnlySpan<byte> last)
    {
        var length = last.Length;
        for (var node = this; node.Above is not null; node = node.Above)
        {
            length += node.Name.Length + (length > 0 ? 1 : 0);
        }

        var path = new byte[length];
        last.CopyTo(path.AsSpan(length -= last.Length));
        for (var node = this; node.Above is not null; node = node.Above)
        {
            if (length < path.Length)
            {
                path[--length] = (byte)'/';
            }

            node.Name.CopyTo(path.AsSpan(length -= node.Name.Length));
        }

        return path;
    }

    private DirectoryNode? Above => parent;

    private byte[] Name => name;

    public void Dispose() => handle.Dispose();
}
