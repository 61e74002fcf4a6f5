namespace Orca.Core.Containers;

/// <summary>Whose namespace of a kind a container lives in (namespaces(7)).</summary>
public enum NamespaceMode
{
    /// <summary>One of its own.</summary>
    Own,

    /// <summary>The caller's.</summary>
    Host,
}
