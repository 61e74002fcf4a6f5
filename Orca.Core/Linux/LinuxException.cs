using Orca.Core.Errors;

namespace Orca.Core.Linux;

/// <summary>A system call failed: which, on what, and why.</summary>
/// <remarks>The message reads <c>cannot CALL 'OBJECT': ERRNO (words)</c>. Callers that know a better verb catch it and say so.</remarks>
public sealed class LinuxException : OrcaException
{
    /// <summary>Makes the error of one call.</summary>
    public LinuxException(string call, string target, Errno errno)
        : base($"cannot {call} '{target}': {errno.Describe()}", HintFor(call, errno))
    {
        Call = call;
        Target = target;
        Errno = errno;
    }

    /// <summary>The call's name, as in its man page.</summary>
    public string Call { get; }

    /// <summary>The path or object, escaped for a terminal.</summary>
    public string Target { get; }

    /// <summary>The kernel's answer.</summary>
    public Errno Errno { get; }

    private static string? HintFor(string call, Errno errno) => errno switch
    {
        Errno.ENOSPC => "free some space or inodes ('df -h', 'df -i'), or write to another file system (--root or ORCA_ROOT says where the store is)",
        Errno.EDQUOT => "the disk quota is used up; free some space, or write to another file system (--root or ORCA_ROOT says where the store is)",
        Errno.EFBIG when call == "unpack" => "raise the limit as far as you may: ulimit -f $(ulimit -Hf)",
        Errno.EFBIG when call != "read" => "place it on a file system that takes larger files, or raise the limit as far as you may: ulimit -f $(ulimit -Hf)",
        Errno.EROFS => "the file system is read-only; write to another one (--root or ORCA_ROOT says where the store is; images of a read-only store can be used with ORCA_STORES)",
        Errno.EMFILE => "raise the limit as far as you may: ulimit -n $(ulimit -Hn)",
        Errno.EAGAIN when call == "start" => "you may have no more processes, or no memory for them: end some, or raise the limits that 'ulimit -a' shows: ulimit -u hard && ulimit -v hard && ulimit -d hard",
        _ => null,
    };
}
