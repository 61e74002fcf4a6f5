using System.Text;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.Host;

/// <summary>What came of reading a file that orca did not make.</summary>
public enum HostFileState
{
    /// <summary>There is no such file: the name is missing, or a link leads nowhere.</summary>
    Absent,

    /// <summary>A directory above may not be searched, so whether there is a file cannot be known.</summary>
    Hidden,

    /// <summary>The file is there and may not be read.</summary>
    Closed,

    /// <summary>It is a directory, a socket, a device or a pipe where only a file can serve.</summary>
    NotAFile,

    /// <summary>It is larger than the limit.</summary>
    TooLarge,

    /// <summary>The kernel could not open or read it: a loop of links, a disk error, a name that is too long.</summary>
    Unreadable,

    /// <summary>It was read to its end.</summary>
    Read,
}

/// <summary>A file that orca did not make, read whole or not at all.</summary>
public sealed class HostFile
{
    private readonly string _cause;

    internal HostFile(string path, HostFileState state, string cause, byte[] content, FileStatus status) =>
        (Path, State, _cause, Content, Status) = (path, state, cause, content, status);

    /// <summary>The path as it was asked for.</summary>
    public string Path { get; }

    /// <summary>What came of it.</summary>
    public HostFileState State { get; }

    /// <summary>The bytes; none unless the file was read.</summary>
    public byte[] Content { get; }

    /// <summary>The status of what was opened; the default value when nothing was.</summary>
    public FileStatus Status { get; }

    /// <summary>True when the file was read.</summary>
    public bool IsRead => State == HostFileState.Read;

    /// <summary>The bytes as UTF-8; empty unless the file was read.</summary>
    public string Text => Encoding.UTF8.GetString(Content);

    /// <summary>Why the file was not read, in words; null when it was read.</summary>
    public string? Cause => IsRead ? null : _cause;

    /// <summary>The line to note when a file at a default place is passed over.</summary>
    /// <param name="consequence">What follows for the user, as in <c>the container gets none of its names</c>.</param>
    /// <returns>Null where there is nothing to say: the file was read, is absent, or is hidden, as <c>/run/containers</c> of another user is on many machines.</returns>
    public string? Note(string consequence) => State is HostFileState.Read or HostFileState.Absent or HostFileState.Hidden
        ? null : $"'{Quoted.Text(Path)}' is passed over: {_cause}; {consequence}";
}
