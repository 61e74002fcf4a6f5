using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Sandbox.Planning;

namespace Orca.Sandbox.SubIds;

/// <summary>Starts programs in a user namespace with the caller's sub-ids.</summary>
internal sealed class SubIdProgram : ISubIdProgram
{
    /// <inheritdoc/>
    public ExitStatus Run(string program, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> variables, CancellationToken cancellationToken) => new(SubIdNamespace.Do(
        $"cannot run '{Quoted.Text(program)}' over the ids of a container", keepsDescriptors: true, [new BecomeProgram(program, arguments, variables)], cancellationToken));
}
