using Orca.Core.Linux;

namespace Orca.Registry.Layers;

/// <summary>A directory of the tree, open, with the one path that leads to it without symbolic links.</summary>
internal sealed class DirectoryNode(Fd handle, byte[] path, ulong hash) : IDisposable
{
    /// <summary>An O_PATH descriptor.</summary>
    internal Fd Handle => handle;

    /// <summary>In normal form; empty for the root.</summary>
    internal byte[] Path => path;

    internal ulong Hash => hash;

    internal bool IsClosed => handle.IsClosed;

    /// <summary>The last layer that noted the directory's times before changing it.</summary>
    internal int NotedIn { get; set; }

    /// <summary>The last layer that marked it as touched.</summary>
    internal int TouchedIn { get; set; }

    internal DirectoryNode Child(ReadOnlySpan<byte> name, Fd opened) => new(opened, Join(name), PathHash.Child(hash, name));

    /// <summary>The path of a name in this directory.</summary>
    internal byte[] Join(ReadOnlySpan<byte> name) => path.Length == 0 ? name.ToArray() : [.. path, (byte)'/', .. name];

    public void Dispose() => handle.Dispose();
}
