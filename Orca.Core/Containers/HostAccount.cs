namespace Orca.Core.Containers;

/// <summary>The caller's own entries in the host's passwd(5) and group(5), for a container in which the command has the caller's number.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="FullName">What the entry says beside it (gecos); empty when it says nothing.</param>
/// <param name="Home">Home directory on the host; empty when it is not known.</param>
/// <param name="Group">The name of the caller's group; null when the host has none for it.</param>
public sealed record HostAccount(string Name, string FullName, string Home, string? Group);
