using Microsoft.Win32.SafeHandles;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>Opens the roots of containers, to look at their files and to change them.</summary>
public interface IContainerRoots
{
    /// <summary>Opens the root of a container as its programs see it, with its mounts.</summary>
    /// <remarks>One that does not run is held meanwhile: its namespaces are made, nothing of its image runs, and what it remembers stays.</remarks>
    /// <param name="name">The container.</param>
    /// <param name="holder">A program that waits until it is killed, for a container that does not run.</param>
    /// <param name="note">Hears of mounts that cannot be made; null for nobody.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="Errors.OrcaException">There is no such container, or its namespaces cannot be made.</exception>
    Task<IContainerRoot> OpenAsync(string name, HoldingProgram holder, Action<string>? note, CancellationToken cancellationToken);
}

/// <summary>A program that waits until it is killed.</summary>
/// <param name="File">The program, open for reading.</param>
/// <param name="Arguments">What it is called with, without its name.</param>
public sealed record HoldingProgram(SafeFileHandle File, IReadOnlyList<string> Arguments);

/// <summary>The root of a container, open. Disposing lets go of the container.</summary>
public interface IContainerRoot : IAsyncDisposable
{
    /// <summary>The root, as a descriptor for paths alone (O_PATH).</summary>
    Fd Root { get; }
}
