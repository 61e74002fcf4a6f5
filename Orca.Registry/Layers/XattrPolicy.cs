namespace Orca.Registry.Layers;

/// <summary>What becomes of an extended attribute of an image.</summary>
internal enum XattrRule
{
    /// <summary>It is set.</summary>
    Keep,

    /// <summary>File capabilities: they are set where the kernel lets us, which a user on the host may not, and kept in the side table in any case.</summary>
    Try,

    /// <summary>It is left out, and that is said once.</summary>
    Ignore,

    /// <summary>It is left out without a word: it would speak to the tool that runs the image, not to a program inside.</summary>
    Drop,
}

/// <summary>Decides by the attribute's name.</summary>
/// <remarks>
/// <c>user.overlay.*</c> and <c>trusted.overlay.*</c> would drive the overlay mount over the tree; <c>user.containers.override_stat</c> and
/// <c>user.rootlesscontainers</c> are fuse-overlayfs's and runrootless's notes about owners, <c>user.orca.*</c> are orca's. An image may not write these.
/// </remarks>
internal static class XattrPolicy
{
    internal static XattrRule Decide(ReadOnlySpan<byte> name)
    {
        if (name.StartsWith("user.overlay."u8) || name.StartsWith("user.orca."u8) || name.StartsWith("trusted.overlay."u8)
            || name.SequenceEqual("user.containers.override_stat"u8) || name.SequenceEqual("user.rootlesscontainers"u8))
        {
            return XattrRule.Drop;
        }

        return name.SequenceEqual(FileCapabilities.Name) ? XattrRule.Try
            : name.StartsWith("user."u8) && name.Length > 5 ? XattrRule.Keep
            : XattrRule.Ignore;
    }
}
