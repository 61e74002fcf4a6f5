using System.Globalization;
using System.Runtime.InteropServices;
using Orca.Core.Sandbox;

namespace Orca;

/// <summary>How a container ended.</summary>
/// <param name="Code">0 to 255, where 128+n stands for death by signal n.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ContainerExit(int Code)
{
    private const int SignalBase = 128;

    /// <summary>The signal that ended the command; null when it ended by itself. A command that exits with 128+n by itself looks the same.</summary>
    public Signal? Signal => Code > SignalBase && Core.Sandbox.Signal.TryParse((Code - SignalBase).ToString(CultureInfo.InvariantCulture), out var signal) ? signal : null;

    /// <summary>Whether the command was asked to end because <see cref="ContainerStart.Timeout"/> had passed.</summary>
    public bool TimedOut { get; init; }

    /// <summary>Whether this program ended it, by disposing the container or by the token of a run.</summary>
    public bool Canceled { get; init; }

    /// <summary>Whether the kernel killed a process for the limit of memory; null where the container had no such limit.</summary>
    public bool? OutOfMemory { get; init; }

    /// <summary>Whether the command exited by itself with status 0.</summary>
    public bool Success => Code == 0 && !TimedOut && !Canceled;

    /// <summary>Returns a text for people: <c>exit status 2</c>, <c>SIGKILL, timed out</c>.</summary>
    public override string ToString() =>
        (Signal is { } signal ? signal.ToString() : string.Create(CultureInfo.InvariantCulture, $"exit status {Code}"))
        + (TimedOut ? ", timed out" : string.Empty) + (Canceled ? ", cancelled" : string.Empty) + (OutOfMemory == true ? ", out of memory" : string.Empty);
}
