using Orca.Core.Sandbox;

namespace Orca.Tests.Fakes;

/// <summary>Runs nothing: remembers what it was asked for and answers as told.</summary>
internal sealed class FakeSandbox : ISandbox
{
    private readonly List<SandboxSpec> _specs = [];

    /// <summary>What every run was to be, in order.</summary>
    public IReadOnlyList<SandboxSpec> Specs => _specs;

    /// <summary>How a run ends; may throw.</summary>
    public Func<SandboxSpec, int> OnRun { get; set; } = static _ => 0;

    public ExitStatus Run(SandboxSpec spec, SandboxRunOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _specs.Add(spec);
        return new ExitStatus(OnRun(spec));
    }

    public SandboxOutline Outline(SandboxSpec spec) => new(["fake"], [$"execute {string.Join(' ', spec.Arguments)}"]);
}
