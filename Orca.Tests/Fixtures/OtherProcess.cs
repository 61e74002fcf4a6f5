using System.Diagnostics;
using NUnit.Framework;

namespace Orca.Tests.Fixtures;

/// <summary>A process that holds a lock of the store until it is killed, as a stuck or dying orca would.</summary>
internal sealed class OtherProcess : IDisposable
{
    private readonly Process _process;

    private OtherProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Takes the lock exclusively, writing its process id into the file when asked to.</summary>
    public static OtherProcess HoldLock(string path, bool writeId = false)
    {
        // --no-fork: the process that took the lock is the one that keeps it, as in orca; the kernel lists it under that one's id.
        var script = $"{(writeId ? $"echo $$ >'{path}';" : "")} echo held; exec sleep 60 <&-";
        var process = Process.Start(new ProcessStartInfo("flock", ["--no-fork", "-x", path, "/bin/sh", "-c", script]) { RedirectStandardOutput = true })!;
        Assert.That(process.StandardOutput.ReadLine(), Is.EqualTo("held"));
        return new OtherProcess(process);
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public bool HasExited => _process.WaitForExit(0);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
