using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Tests.Sandbox.Launch;

public sealed partial class HostileRootTests
{
    [Test]
    public void FileThatMayLack_IsLeftOut_WhereThereIsNoRoom([Values("file", "nowhere", "run")] string kind, [Values] bool readOnly)
    {
        var spec = _root.Script("true") with { Files = [new GeneratedFile("/run/mark", "x") { MayLack = true }], ReadOnly = readOnly };
        var path = Path.Combine(Upper(spec), "run");
        if (kind == "file")
        {
            File.WriteAllText(path, "no directory");
        }
        else
        {
            File.CreateSymbolicLink(path, kind); // 'run' leads to itself
        }

        Assert.That(Run(spec), Is.Zero);
        Assert.That(() => Run(spec with { Files = [new GeneratedFile("/run/mark", "x")] }), Throws.TypeOf<SandboxException>());
    }
}
