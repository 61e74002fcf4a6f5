using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Orca.Core.Containers;
using Orca.Core.Sandbox;
using Orca.Sandbox.Launch;
using Orca.Sandbox.Planning;

namespace Orca.Tests.Sandbox.Launch;

/// <summary>What of the kernel is hidden and what is read-only, path by path (S13), also where the caller's mounts lie over what hides it.</summary>
[TestFixture, FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MaskTests : IDisposable
{
    private readonly SandboxLauncher _launcher = new(NullLogger.Instance);
    private readonly MinimalRoot _root = new();
    private readonly string _source = Directory.CreateTempSubdirectory("orca-source-").FullName;

    public MaskTests() => File.WriteAllText(Path.Combine(_source, "null"), "not the device");

    public static IEnumerable<string> Files => DefaultSandbox.MaskedFiles.Where(File.Exists);

    public static IEnumerable<string> Directories => DefaultSandbox.MaskedDirectories.Where(Directory.Exists);

    public static IEnumerable<string> ReadOnlyPaths => DefaultSandbox.ReadOnlyPaths.Where(Path.Exists);

    public void Dispose()
    {
        Directory.Delete(_source, recursive: true);
        _root.Dispose();
    }

    [TestCaseSource(nameof(Files))]
    public void File_IsTheNullDevice(string path) => Holds($"[ $(stat -c %t:%T {path}) = 1:3 ] && [ -z \"$(cat {path})\" ]");

    [TestCaseSource(nameof(Directories))]
    public void Directory_IsEmpty_AndCannotBeWritten(string path) =>
        Holds($"[ -z \"$(ls -A {path})\" ] && [ $(stat -c %h {path}) = 2 ] && busybox mkdir {path}/x 2>&1 | grep -q 'Read-only file system'");

    [TestCaseSource(nameof(ReadOnlyPaths))]
    public void Path_CannotBeWritten(string path) => Holds(
        $"if [ -d {path} ]; then for f in $(busybox find {path} -type f 2>/dev/null | busybox head -40); do (: >> $f) && exit 1; done; ! busybox mkdir {path}/x; else ! (: >> {path}); fi 2>/dev/null"
        + $" && busybox grep ' {path} ' /proc/self/mountinfo | busybox grep -q ' ro,nosuid,nodev,noexec'");

    /// <summary>Masks of files are made with /dev/null, of which the caller may mount anything else, or a link of the image leads to it.</summary>
    [TestCase("/dev", "/other")]
    [TestCase("/dev/x", "/link")]
    [TestCase("/sys/class", "/link")]
    public void File_IsTheNullDevice_WhereMountsCoverThatDevice(string destination, string other)
    {
        var spec = _root.Script(
            $"for f in {string.Join(' ', Files)}; do [ $(stat -c %t:%T $f) = 1:3 ] || exit 1; done; for d in {string.Join(' ', Directories)}; do [ -z \"$(ls -A $d)\" ] || exit 2; done; [ \"$(cat /dev/null)\" = 'not the device' ]");
        File.CreateSymbolicLink(Path.Combine(_root.Store, spec.Root.Upper!, "link"), "/dev");
        spec = spec with { Mounts = [new BindMount(_source, destination, ReadOnly: false), new BindMount(_source, other, ReadOnly: false)] };
        Assert.That(_launcher.Run(spec, new SandboxRunOptions(), default).Code, Is.Zero);
    }

    private void Holds(string script) => Assert.That(_launcher.Run(_root.Script(script), new SandboxRunOptions(), default).Code, Is.Zero, script);
}
