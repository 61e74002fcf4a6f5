namespace Orca.Core.Sandbox;

/// <summary>Deletes what a container of many ids has left: files and directories that belong to the caller's subordinate ids, which the caller may not touch.</summary>
public interface ISubIdTreeRemover
{
    /// <summary>Deletes a tree; links are not followed. What resists stays, with what it is in.</summary>
    /// <param name="store">Absolute path of a directory of the caller's.</param>
    /// <param name="path">Of the tree, relative to it. Nobody else may change it meanwhile.</param>
    /// <returns>How many bytes became free.</returns>
    /// <exception cref="Errors.SandboxException">The caller has no sub-ids any more, or something in the tree resists.</exception>
    long Remove(string store, string path);
}
