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

    /// <summary>Permissions that the file gets when this is closed; null to leave them. For a file that is made readable while it is read.</summary>
    public uint? PermissionsAtEnd { get; set; }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (PermissionsAtEnd is { } permissions)
        {
            _ = Native.fchmod((int)handle, permissions);
        }

        return Native.close((int)handle) == 0;
    }
}
