namespace Orca.Core.Sandbox;

/// <summary>Runs a program as root over the caller's subordinate ids: it can read, and sees with their owners, the files that a container of many ids has left.</summary>
public interface ISubIdProgram
{
    /// <summary>Runs it to its end, with this process's standard streams, descriptors and working directory, in a process group of its own, and tells how it ended.</summary>
    /// <param name="program">Absolute path of its file.</param>
    /// <param name="arguments">The program's own name first.</param>
    /// <param name="variables">Its environment, <c>NAME=value</c>.</param>
    /// <param name="cancellationToken">Asks it to end (SIGTERM), as this process's own end does.</param>
    /// <exception cref="Errors.SandboxException">The caller has no sub-ids, or the program could not be started: it has done nothing then.</exception>
    ExitStatus Run(string program, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> variables, CancellationToken cancellationToken);
}
