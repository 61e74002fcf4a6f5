namespace Orca.Core.Linux;

/// <summary>What the kernel says of the machine's processor.</summary>
public static unsafe class Machine
{
    private const int FieldLength = 65; // struct utsname: six texts, the fifth of which is the machine's name

    /// <summary>The machine's name as uname(2) has it: <c>x86_64</c>, <c>aarch64</c>, <c>armv6l</c>; empty when it is not told.</summary>
    public static string Name
    {
        get
        {
            var buffer = stackalloc byte[6 * FieldLength];
            if (Native.uname(buffer) != 0)
            {
                return string.Empty;
            }

            var name = new ReadOnlySpan<byte>(buffer + (4 * FieldLength), FieldLength);
            return NativeText.Decode(name[..Math.Max(0, name.IndexOf((byte)0))]);
        }
    }

    /// <summary>True when the processor of a 64-bit ARM machine runs 32-bit programs too: personality(2) refuses PER_LINUX32 where it does not.</summary>
    internal static bool RunsArm32
    {
        get
        {
            const nuint linux32 = 8, ask = 0xffffffff;
            var before = Native.personality(ask);
            if (before < 0 || Native.personality(linux32) < 0)
            {
                return false;
            }

            _ = Native.personality((nuint)before);
            return true;
        }
    }
}
