using CsCheck;
using NUnit.Framework;
using Orca.Core.Linux;
using Orca.Tests.Fixtures;
using static Tmds.Linux.LibC;

namespace Orca.Tests.Core.Linux;

/// <summary>The walker for kernels without openat2 must do what openat2 does: random links, paths and flags, same answer, same inode.</summary>
public sealed class InRootWalkerTests
{
    private static readonly string[] Names = ["a", "b", "c", "f", "..", "."];

    private static readonly int[] Flags =
    [
        O_PATH, O_PATH | O_NOFOLLOW, O_RDONLY, O_RDONLY | O_NOFOLLOW, O_RDONLY | O_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
        O_WRONLY, O_WRONLY | O_CREAT, O_WRONLY | O_CREAT | O_EXCL, O_WRONLY | O_CREAT | O_NOFOLLOW, O_PATH | O_DIRECTORY,
    ];

    private static readonly Gen<string> Path = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, Names.Length - 1].Array[1, 4], Gen.Int[0, 3],
        (start, names, end) => (start == 0 ? "/" : "") + string.Join('/', names.Select(i => Names[i])) + (end == 0 ? "/" : ""));

    [Test]
    public void Walker_RandomLinksAndPaths_AgreesWithTheKernel()
    {
        using var canary = new CanaryTree();
        using var probe = FileSystem.OpenDirectory(null, PathZ.From(canary.Root));
        var number = 0;
        Gen.Select(Path.Array[4], Gen.Select(Path, Gen.Int[0, Flags.Length - 1]).Array[1, 20]).Sample(
            (links, asked) => Agree($"{canary.Root}/{number++}", links, asked), iter: Sampling.Rounds(300), threads: 1);
        canary.AssertUntouched();
    }

    [Test]
    public void Walker_LinksThatLeadOut_StayInside()
    {
        using var canary = new CanaryTree();
        Directory.CreateDirectory($"{canary.Root}/victim");
        foreach (var (name, target) in new[] { ("up", "../victim"), ("abs", "/../../victim"), ("far", "/victim/../../../../victim"), ("loop", "loop") })
        {
            File.CreateSymbolicLink($"{canary.Root}/{name}", target);
        }

        using var root = FileSystem.OpenDirectory(null, PathZ.From(canary.Root));
        foreach (var name in new[] { "up", "abs", "far", "victim/../../victim", "../../../victim" })
        {
            Assert.That(InRootWalker.TryOpen(root, PathZ.From($"{name}/hello").Bytes, O_WRONLY | O_CREAT, out var file, 0x180), Is.EqualTo(Errno.None), name);
            file!.Dispose();
        }

        Assert.That(InRootWalker.TryOpen(root, "loop/x"u8, O_PATH, out _, 0), Is.EqualTo(Errno.ELOOP));
        Assert.That(File.Exists($"{canary.Root}/victim/hello"), Is.True);
        canary.AssertUntouched();
    }

    private static bool Agree(string tree, string[] links, (string Path, int Flags)[] asked)
    {
        Directory.CreateDirectory($"{tree}/a/b/c");
        Directory.CreateDirectory($"{tree}/b");
        File.WriteAllText($"{tree}/f", "");
        foreach (var (name, target) in new[] { "a/a", "a/c", "b/b", "c" }.Zip(links))
        {
            File.CreateSymbolicLink($"{tree}/{name}", target);
        }

        using var root = FileSystem.OpenDirectory(null, PathZ.From(tree));
        return asked.All(question => SameAnswer(root, question.Path, Flags[question.Flags]));
    }

    private static bool SameAnswer(Fd root, string path, int flags)
    {
        var mode = (flags & O_CREAT) != 0 ? 0x180u : 0; // openat2 takes no mode without O_CREAT
        var before = Count(root);
        var walked = InRootWalker.TryOpen(root, PathZ.From(path).Bytes, flags, out var one, mode);
        var made = Count(root) > before;
        if (made)
        {
            // Gone again, so that the kernel gets the same question.
            Assert.That(FileSystem.TryUnlink(null, PathZ.From(NativeText.Decode(FileSystem.ReadLink(PathZ.From($"/proc/self/fd/{one!.Number}"))))), Is.EqualTo(Errno.None));
        }

        var asked = FileSystem.TryOpenInRoot(root, PathZ.From(path), flags, out var other, mode);
        using (one)
        using (other)
        {
            var same = walked == asked && (made || one is null || FileSystem.Status(one).Inode == FileSystem.Status(other!).Inode);
            return same ? true : throw new AssertionException($"'{path}' with flags 0x{flags:x}: the walker says {walked}, the kernel {asked}");
        }
    }

    private static int Count(Fd root)
    {
        var text = NativeText.Decode(FileSystem.ReadLink(PathZ.From($"/proc/self/fd/{root.Number}")));
        return TreeListing.Read(text).Count;
    }
}
