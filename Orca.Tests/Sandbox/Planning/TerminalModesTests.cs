using NUnit.Framework;
using Orca.Sandbox.Planning;

namespace Orca.Tests.Sandbox.Planning;

/// <summary>What a new terminal gets of the caller's modes. The words are those of the kernel's struct termios; the sane ones are what stty(1) sets.</summary>
[TestFixture]
public sealed class TerminalModesTests
{
    private const uint SaneInput = 0x2502, SaneOutput = 0x5, Control = 0xbf, SaneLocal = 0x8a3b;

    [TestCase(SaneInput, SaneOutput, SaneLocal, SaneInput, SaneLocal, Description = "a shell's")]
    [TestCase(0x6d02u, SaneOutput, 0x8a33u, 0x6d02u, 0x8a33u, Description = "a shell's with IUTF8, IXANY and no echo: stays")]
    [TestCase(SaneInput, SaneOutput, 0x8b3bu, SaneInput, SaneLocal, Description = "stty tostop, which stays outside")]
    [TestCase(0u, 0u, 0u, SaneInput, SaneLocal, Description = "stty raw -echo")]
    [TestCase(0x4000u, SaneOutput, 0x1u, 0x6502u, SaneLocal, Description = "cbreak with IUTF8, which stays")]
    [TestCase(0x2400u, SaneOutput, 0x8a39u, SaneInput, SaneLocal, Description = "bash while it reads a line")]
    [TestCase(0xc0u, 0u, 0x1c0u, SaneInput, SaneLocal, Description = "INLCR, IGNCR, ECHONL, NOFLSH, TOSTOP go")]
    public void Cooked_IsTheCallers_UnlessThatIsRaw(uint input, uint output, uint local, uint cookedInput, uint cookedLocal)
    {
        var cooked = TerminalModes.Cooked(Modes(input, output, local));
        Assert.That(cooked, Is.EqualTo(Modes(cookedInput, SaneOutput, cookedLocal)));
    }

    private static byte[] Modes(uint input, uint output, uint local)
    {
        byte[] keys = [0, 3, 28, 8, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0]; // the erase key is the caller's own
        return [.. BitConverter.GetBytes(input), .. BitConverter.GetBytes(output), .. BitConverter.GetBytes(Control), .. BitConverter.GetBytes(local), .. keys];
    }
}
