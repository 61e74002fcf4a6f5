using System.Runtime.InteropServices;

namespace Orca.Core.Linux;

/// <summary>The one place where a failed call becomes an <see cref="Errno"/> and EINTR is retried.</summary>
internal static class Call
{
    /// <summary>The error of the call that just returned on this thread.</summary>
    internal static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Passes a result on, or throws the error of the call.</summary>
    internal static int Check(int result, string call, PathZ target) =>
        result >= 0 ? result : throw new LinuxException(call, target.ToString(), LastErrno);

    /// <summary>Passes a result on, or throws the error of the call on a descriptor.</summary>
    internal static long Check(long result, string call, Fd target) =>
        result >= 0 ? result : throw Failure(call, target, LastErrno);

    /// <summary>The error of a call on a descriptor. The errno is read before the descriptor is described, which makes calls of its own.</summary>
    internal static LinuxException Failure(string call, Fd target, Errno errno) => new(call, Describe(target), errno);

    /// <summary>The path behind a descriptor, for messages.</summary>
    internal static string Describe(Fd fd)
    {
        try
        {
            return Errors.Quoted.Name(FileSystem.ReadLink(PathZ.From($"/proc/self/fd/{fd.Number}")));
        }
        catch (LinuxException)
        {
            return $"descriptor {fd.Number}";
        }
    }
}
