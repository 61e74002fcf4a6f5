using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Orca.Sandbox.Seccomp;

namespace Orca.Tests.Sandbox.Seccomp;

/// <summary>system-calls.txt against the C headers.</summary>
internal sealed partial class SystemCallTableTests
{
    private const string X86 = "/usr/include/x86_64-linux-gnu/asm/";
    private const uint LastShared = 450; // what the oldest headers at hand (Linux 6.1) end with; later calls have one number everywhere
    private static readonly SystemCallTable s_table = SystemCallTable.Read();

    [TestCase(Abi.X64, "#include \"" + X86 + "unistd_64.h\"")]
    [TestCase(Abi.X32, "#define __X32_SYSCALL_BIT 0\n#include \"" + X86 + "unistd_x32.h\"")]
    [TestCase(Abi.I386, "#include \"" + X86 + "unistd_32.h\"")]
    [TestCase(Abi.Arm64, "#include <asm/unistd.h>", "--target=aarch64-linux-gnu", "-nostdinc", "-I/usr/aarch64-linux-gnu/include")]
    [TestCase(Abi.Arm, "#include <asm/unistd.h>", "--target=arm-linux-gnueabihf", "-nostdinc", "-I/usr/arm-linux-gnueabihf/include")]
    public void Numbers_AreThoseOfTheHeaders(Abi abi, string source, params string[] options)
    {
        var headers = Definitions(source, options);
        var ours = s_table.Of(abi);
        Assert.That(headers, Has.Count.GreaterThan(250));
        Assert.Multiple(() =>
        {
            foreach (var (name, number) in headers)
            {
                Assert.That(ours.TryGetValue(name, out var known) ? known : (uint?)null, Is.EqualTo(number), name);
            }

            Assert.That(ours.Where(call => !headers.ContainsKey(call.Key) && call.Value <= LastShared).Select(call => call.Key), Is.SubsetOf(["uretprobe", "uprobe"]));
        });
    }

    [Test]
    public void Numbers_SinceLinux67_AreTheSameEverywhere()
    {
        var late = s_table.Of(Abi.X64).Where(call => call.Value > LastShared).ToList();
        Assert.That(late, Has.Count.GreaterThanOrEqualTo(20));
        foreach (var (name, number) in late)
        {
            Assert.That(Enum.GetValues<Abi>().Select(abi => s_table.Of(abi)[name]), Is.All.EqualTo(number), name);
        }
    }

    [Test]
    public void Numbers_OfX32Below512_AreThoseOfX64()
    {
        foreach (var (name, number) in s_table.Of(Abi.X32).Where(call => call.Value < 512))
        {
            Assert.That(s_table.Of(Abi.X64)[name], Is.EqualTo(number), name);
        }
    }

    private static Dictionary<string, uint> Definitions(string source, string[] options)
    {
        var start = new ProcessStartInfo("clang", [.. options, "-dM", "-E", "-"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var clang = Process.Start(start)!;
        clang.StandardInput.Write(source + "\n");
        clang.StandardInput.Close();
        var macros = Macro().Matches(clang.StandardOutput.ReadToEnd()).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        clang.WaitForExit();
        if (clang.ExitCode != 0)
        {
            Assert.Ignore("needs linux-libc-dev, linux-libc-dev-arm64-cross, linux-libc-dev-armhf-cross: " + clang.StandardError.ReadToEnd());
        }

        return macros.Where(macro => Call().IsMatch(macro.Key)).ToDictionary(macro => Call().Match(macro.Key).Groups[1].Value, macro => Value(macro.Value, macros));
    }

    /// <summary>Sums of names and numbers are all that these headers have.</summary>
    private static uint Value(string text, Dictionary<string, string> macros) => text.Trim('(', ')').Split('+', StringSplitOptions.TrimEntries).Aggregate(
        0u, (sum, word) => sum + (macros.TryGetValue(word, out var inner) ? Value(inner, macros) : Number(word)));

    private static uint Number(string word) => word.StartsWith("0x", StringComparison.Ordinal)
        ? uint.Parse(word.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : uint.Parse(word, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^#define (\w+) (.+)$", RegexOptions.Multiline)]
    private static partial Regex Macro();

    /// <summary>Not the pairs that the headers choose from by word size, nor what is no call.</summary>
    [GeneratedRegex(@"^__(?:ARM_)?NR_(?!3264|syscalls$|BASE$|SYSCALL_BASE$|OABI_SYSCALL_BASE$|SYSCALL_MASK$|arch_specific_syscall$)(\w+)$")]
    private static partial Regex Call();
}
