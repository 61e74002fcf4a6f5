using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Tests.Fixtures;

/// <summary>A directory to unpack into, with tripwires beside it: whatever happens outside <see cref="Root"/> shows in <see cref="AssertUntouched"/>.</summary>
/// <remarks>Change times catch chmod, chown and utimes; link counts catch hard links; contents catch writes.</remarks>
internal sealed class CanaryTree : IDisposable
{
    private readonly string _before;

    /// <param name="inMemory">True for a file system in memory where the machine has one: for tests that make thousands of trees.</param>
    internal CanaryTree(bool inMemory = false)
    {
        Base = inMemory && Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/orca-canary-{Guid.NewGuid():N}").FullName
            : Directory.CreateTempSubdirectory("orca-canary-").FullName;
        foreach (var name in new[] { "root", "root-evil", "victim", "victim/sub", "cwd", "etc" })
        {
            Directory.CreateDirectory(Path.Combine(Base, name));
        }

        foreach (var file in new[] { "root-evil/secret", "victim/hello", "victim/sub/deep", "cwd/secret", "etc/passwd", "outside-file" })
        {
            File.WriteAllText(Path.Combine(Base, file), "canary " + file);
        }

        using (var outside = FileSystem.Open(null, PathZ.From(Path.Combine(Base, "outside-file")), O_RDONLY))
        {
            FileSystem.SetMode(outside, 0x1A0 /* 0640 */);
        }

        _before = Snapshot();
    }

    /// <summary>The directory that holds all of it.</summary>
    internal string Base { get; }

    /// <summary>Where layers go.</summary>
    internal string Root => Path.Combine(Base, "root");

    internal void AssertUntouched() => Assert.That(Snapshot(), Is.EqualTo(_before), "something outside the root changed");

    public void Dispose()
    {
        // Directory.Delete makes text of names; a name that is no text would stay.
        using var parent = FileSystem.OpenDirectory(null, PathZ.From(Path.GetDirectoryName(Base)!));
        TreeDeletion.Delete(parent, PathZ.From(Path.GetFileName(Base)));
    }

    private string Snapshot()
    {
        var text = new StringBuilder();
        Add(Base, ".", text);
        foreach (var path in Directory.EnumerateFileSystemEntries(Base, "*", SearchOption.TopDirectoryOnly).Order(StringComparer.Ordinal))
        {
            if (path != Root)
            {
                AddTree(path, text);
            }
        }

        return text.ToString();
    }

    private void AddTree(string path, StringBuilder text)
    {
        Add(path, Path.GetRelativePath(Base, path), text);
        if (Directory.Exists(path))
        {
            foreach (var child in Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal))
            {
                AddTree(child, text);
            }
        }
    }

    private static unsafe void Add(string path, string name, StringBuilder text)
    {
        StatxBuffer raw;
        fixed (byte* p = PathZ.From(path).Terminated)
        {
            Assert.That(Native.statx(-100, p, 0x100, 0x7ff, &raw), Is.Zero, path);
        }

        var hash = File.Exists(path) ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : "";
        using var file = FileSystem.Open(null, PathZ.From(path), O_RDONLY);
        var xattrs = string.Join(',', FileSystem.ListXattrs(file).Select(x => NativeText.Decode(x)));
        text.AppendLine($"{name} {raw.Inode} {raw.Mode:x} {raw.Uid}:{raw.Gid} links {raw.Links} size {raw.Size} modified {raw.Modified.Seconds}.{raw.Modified.Nanoseconds}"
            + $" changed {raw.Changed.Seconds}.{raw.Changed.Nanoseconds} {hash} {xattrs}");
    }
}
