using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Registry.Store;

/// <summary>Says of a full disk what is full, and how much is there.</summary>
internal static class StoreFaults
{
    /// <summary>True when the disk, its inodes or the user's quota is used up.</summary>
    internal static bool IsFull(Exception failure) => Cause(failure) is { Errno: Errno.ENOSPC or Errno.EDQUOT };

    /// <summary>The same failure in words that help.</summary>
    /// <param name="store">The store.</param>
    /// <param name="need">How many bytes are known to be needed, at least.</param>
    /// <param name="failure">What happened.</param>
    internal static StoreException Explain(StoreRoot store, long need, Exception failure)
    {
        var state = FileSystem.StateOf(store.Open());
        var where = $"'{Quoted.Text(store.Path)}' ({FileSystemNames.Of(state.Type)})";
        if (Cause(failure)!.Errno == Errno.EDQUOT)
        {
            return new StoreException(
                $"cannot store the image: the disk quota of this user in {where} is used up: EDQUOT; the layers need more than {Bytes(need)}",
                "free some space ('quota -s' tells how much), or place the store elsewhere with --root or ORCA_ROOT; what was fetched from a registry is kept", failure);
        }

        return state is { TotalInodes: > 0, FreeInodes: 0 }
            ? NoInodes(store.Path, state, failure)
            : new StoreException(
                $"cannot store the image: no space left in {where}: ENOSPC; the layers need more than {Bytes(need)}, and {Bytes(state.FreeBytes)} of {Bytes(state.TotalBytes)} are free now",
                "free some space ('df -h', 'orca system df'), or place the store elsewhere with --root or ORCA_ROOT; what was fetched from a registry is kept", failure);
    }

    internal static StoreException NoInodes(string path, FileSystemState state, Exception? failure) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"cannot store the image: no inodes left in '{Quoted.Text(path)}' ({FileSystemNames.Of(state.Type)}): all {state.TotalInodes} are in use, so no file can be made though {Bytes(state.FreeBytes)} are free"),
        "free some inodes ('df -i' shows how many there are), or place the store elsewhere with --root or ORCA_ROOT; what was fetched from a registry is kept",
        failure);

    private static LinuxException? Cause(Exception? failure)
    {
        while (failure is not (null or LinuxException))
        {
            failure = failure.InnerException;
        }

        return failure as LinuxException;
    }

    internal static string Bytes(long bytes) => bytes >= 10_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000} kB");
}
