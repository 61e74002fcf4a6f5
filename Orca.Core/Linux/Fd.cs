using Microsoft.Win32.SafeHandles;

namespace Orca.Core.Linux;

/// <summary>An owned file descriptor; always close-on-exec.</summary>
public sealed class Fd : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes ownership of a descriptor number.</summary>
    public Fd(int number)
        : base(ownsHandle: true) => SetHandle(number);

    private Fd(int number, bool owned)
        : base(owned) => SetHandle(number);

    /// <summary>A handle on a descriptor that somebody else owns, such as a standard stream; disposing it closes nothing.</summary>
    public static Fd Borrow(int number) => new(number, owned: false);

    /// <summary>The descriptor's number; valid while this object is not disposed.</summary>
    public int Number => (int)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Native.close((int)handle) == 0;
}
