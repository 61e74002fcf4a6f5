namespace Orca.Core.Sandbox;

/// <summary>A namespace, as /proc/PID/ns names and numbers it (namespaces(7)).</summary>
/// <param name="Name">Its kind: <c>cgroup</c>, <c>ipc</c>, <c>mnt</c>, <c>net</c>, <c>pid</c>, <c>user</c> or <c>uts</c>.</param>
/// <param name="Inode">Which one of that kind.</param>
public readonly record struct NamespaceId(string Name, ulong Inode);
