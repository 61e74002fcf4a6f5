using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Commands;

/// <summary>Finds out whether a pull can have its threads.</summary>
/// <remarks>
/// The runtime's pool ends the process with a stack trace when it is refused one. That is so where the caller's programs have nearly used up a limit of
/// processes, which threads count for, and under limits of memory, for their stacks.
/// </remarks>
internal static class ThreadProbe
{
    private const int BesideTheProcessors = 12; // a pull of many layers on two processors had 14 in all
    private const ulong Ample = 8UL << 30; // a limit of address space that is no reason

    /// <summary>Makes as many threads as a pull may need, and lets them go.</summary>
    /// <exception cref="LinuxException">They cannot be had.</exception>
    public static void Require()
    {
        using var end = new ManualResetEventSlim();
        var threads = new List<Thread>();
        try
        {
            for (var left = BesideTheProcessors + Environment.ProcessorCount; left > 0; left--)
            {
                var thread = new Thread(end.Wait);
                thread.Start();
                threads.Add(thread);
            }
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            throw Kernel.AddressSpaceLimit() is { } limit and < Ample
                ? new StoreException($"cannot start the threads of a pull: the limit of address space is {limit >> 20} MB, which is too little", "raise it as far as you may: ulimit -v hard")
                : new LinuxException("start", "threads", Errno.EAGAIN);
        }
        finally
        {
            end.Set();
            threads.ForEach(static thread => thread.Join());
        }
    }
}
