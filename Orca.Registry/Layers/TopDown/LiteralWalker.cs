using Orca.Core.Linux;

namespace Orca.Registry.Layers.TopDown;

/// <summary>Takes names for what they say: a link or a file on the way is a matter for another pass.</summary>
/// <remarks>As for <see cref="DirectoryWalker"/>, every component is opened below its parent's descriptor and no link is followed.</remarks>
internal sealed class LiteralWalker(FlatTree tree) : StepWalker(tree)
{
    /// <inheritdoc/>
    protected override bool TryPass(DirectoryNode from, ReadOnlySpan<byte> name, PathZ nameZ, bool create, ref int links, out DirectoryNode? outcome) =>
        throw new NotTopDownException("a way through what is no directory");
}
