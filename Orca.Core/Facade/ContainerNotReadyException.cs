using Orca.Core.Errors;

namespace Orca;

/// <summary>A container that was started did not get ready; nothing is left of it.</summary>
public sealed class ContainerNotReadyException : OrcaException
{
    internal ContainerNotReadyException(string name, string cause, IReadOnlyList<OutputLine> lastOutput)
        : base($"cannot use container '{name}': {cause}{(lastOutput.Count == 0 ? string.Empty : $"; its last line: {Quoted.Text(lastOutput[^1].Text)}")}") => LastOutput = lastOutput;

    /// <summary>The last lines that it wrote, in the order in which they came; at most 50.</summary>
    public IReadOnlyList<OutputLine> LastOutput { get; }
}
