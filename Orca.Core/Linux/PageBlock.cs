using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace Orca.Core.Linux;

/// <summary>Memory straight from the kernel, zeros at first, which goes back to it when this is disposed and not when a collector comes by.</summary>
/// <remarks>For large tables that are outgrown: as arrays the old ones would stay in memory beside the new one.</remarks>
public sealed unsafe class PageBlock : SafeHandle
{
    private readonly int _length;

    /// <summary>Takes memory for as many 64-bit words.</summary>
    /// <exception cref="LinuxException">There is none.</exception>
    public PageBlock(int length)
        : base(invalidHandleValue: -1, ownsHandle: true)
    {
        _length = length;
        SetHandle(Native.mmap(0, (nint)length * sizeof(ulong), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (IsInvalid)
        {
            throw new LinuxException("map", "memory", Call.LastErrno);
        }
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>The words; not to be used after this is disposed.</summary>
    public Span<ulong> Words => IsClosed ? throw new ObjectDisposedException(nameof(PageBlock)) : new((void*)handle, _length);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Native.munmap(handle, (nint)_length * sizeof(ulong)) == 0;
}
