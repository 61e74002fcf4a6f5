using System.Diagnostics;
using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A process whose output is collected while it runs; setpriv replaces itself, so its id is that of the command.</summary>
internal sealed class Running : IDisposable
{
    private readonly Process _process;
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _errors = new();
    private readonly Task _collected;

    public Running(Process process)
    {
        _process = process;
        _collected = Task.WhenAll(Collect(process.StandardOutput, _output), Collect(process.StandardError, _errors));
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string OutputSoFar
    {
        get
        {
            lock (_output)
            {
                return Outcome.Text(_output.ToArray());
            }
        }
    }

    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>Writes the bytes and closes the input; a command that ended without reading them is no fault.</summary>
    public void Feed(byte[] bytes)
    {
        try
        {
            Input.Write(bytes);
            Input.Dispose();
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Waits until the output holds the text.</summary>
    public Running Until(string text, double seconds = 30)
    {
        var seen = World.Eventually(() => _process.HasExited || OutputSoFar.Contains(text, StringComparison.Ordinal), seconds);
        if (!seen || !World.Eventually(() => OutputSoFar.Contains(text, StringComparison.Ordinal), 1))
        {
            Assert.Fail($"'{text}' did not come; the output is '{OutputSoFar}', the errors '{Outcome.Text(_errors.ToArray())}'");
        }

        return this;
    }

    public Outcome Wait(double seconds = 60)
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(seconds)) || !_collected.Wait(TimeSpan.FromSeconds(10)))
        {
            var state = $"the output so far '{OutputSoFar}', the errors '{Outcome.Text(_errors.ToArray())}'";
            Assert.Fail($"'{_process.StartInfo.FileName}' did not end, or did not close its output, within {seconds} s: {state}");
        }

        return new Outcome(_process.ExitCode, _output.ToArray(), Outcome.Text(_errors.ToArray()));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static async Task Collect(StreamReader reader, MemoryStream into)
    {
        var buffer = new byte[65536];
        for (int read; (read = await reader.BaseStream.ReadAsync(buffer)) > 0;)
        {
            lock (into)
            {
                into.Write(buffer, 0, read);
            }
        }
    }
}
