using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.SubIds;

/// <summary>Deletes from inside a user namespace with the caller's sub-ids, where the caller is root over them.</summary>
internal sealed class SubIdTreeRemover : ISubIdTreeRemover
{
    /// <inheritdoc/>
    public unsafe long Remove(string store, string path)
    {
        ulong freed = 0; // written by the child, which shares this memory
        SubIdNamespace.Do($"cannot delete files of sub-ids in '{path}'", keepsDescriptors: false, [new EnterStore(store), new DeleteTree(path, (nint)(&freed)), new Leave()], default);
        return (long)freed;
    }
}
