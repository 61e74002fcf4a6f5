namespace Orca.Core.Linux;

/// <summary>A file system as statfs(2) describes it to this user.</summary>
public readonly record struct FileSystemState
{
    /// <summary>Its kind: <c>f_type</c>, linux/magic.h.</summary>
    public required long Type { get; init; }

    /// <summary>Bytes that an ordinary user can still write.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>Bytes in all.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>Files that can still be made.</summary>
    public required long FreeInodes { get; init; }

    /// <summary>Files that it can have; 0 where there is no such limit.</summary>
    public required long TotalInodes { get; init; }

    /// <summary>True when it is mounted read-only.</summary>
    public required bool IsReadOnly { get; init; }

    /// <summary>True when no program on it can be run: mounted noexec.</summary>
    public required bool IsNoExec { get; init; }
}
