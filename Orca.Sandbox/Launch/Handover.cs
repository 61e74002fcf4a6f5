using System.Globalization;
using System.Text;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Launch;

/// <summary>Replaces this process, once a container stands, by the keeper: a program of a few pages that does the same for it (Child/Stub/keeper.c).</summary>
/// <remarks>
/// The process id, the arguments that ps(1) shows, the terminal and the place in the shell's job stay; the runtime's three megabytes go.
/// When the container has ended the keeper starts this program again, which cleans up and exits as the container did.
/// </remarks>
internal sealed class Handover
{
    private const string Orders = "ORCA_KEEP=";
    private const string None = "-";
    private readonly HandoverOptions _options;

    private Handover(HandoverOptions options) => _options = options;

    /// <summary>In milliseconds.</summary>
    internal long Delay => (long)_options.After.TotalMilliseconds;

    /// <summary>What the options ask for; null when they do not.</summary>
    internal static Handover? Of(SandboxRunOptions options) => options is { Handover: { } wanted, ForwardSignals: true } ? new Handover(wanted) : null;

    /// <summary>Becomes the keeper, by the same memory file that the init runs from: they share its pages. Returns when it could not; then this process goes on.</summary>
    /// <returns>False when this is no moment for it, and another may be.</returns>
    internal unsafe bool TryBecome(Keep* keep, Fd stub, SignalCatcher signals, TimeKeeper? time)
    {
        if (keep->Typed > 0 || keep->IsHeld != 0 || keep->Output.Length > 0 || keep->Error.Length > 0)
        {
            return false;
        }

        int[] kept = [];
        try
        {
            var token = _options.Token();
            using var self = token is null ? null : FileSystem.Open(null, PathZ.OfTerminated("/proc/self/exe\0"u8), Tmds.Linux.LibC.O_PATH);
            FileSystem.SetNonBlocking(signals.Reader);
            kept = [keep->Process, keep->Turns, keep->InputTo, keep->Output.From, keep->Error.From, self?.Number ?? -1, signals.Reader.Number, .. JournalOf(keep)];
            Array.ForEach(kept, static descriptor => Kernel.SetCloseOnExec(descriptor, false));

            var orders = string.Create(
                CultureInfo.InvariantCulture,
                $"{Orders}{keep->Process} {keep->Turns} {keep->Input} {keep->InputTo} {keep->Output.From} {keep->Error.From} {keep->IsTerminal} {self?.Number ?? -1} "
                + $"{SavedModes(keep)} {signals.Reader.Number} {time?.Left ?? -1} {time?.Signal ?? SignalCatcher.Kill} {keep->Journal.Status} {keep->Journal.Directory} {keep->Journal.Input} {Environment.ProcessId} {token}");
            ProcessImage.Become(
                [.. ProcessImage.Arguments()],
                [Encoding.ASCII.GetBytes(orders), .. ProcessImage.Variables()],
                (arguments, variables) => ChildLibrary.Become(stub.Number, (byte**)arguments, (byte**)variables));
        }
        catch (Exception e) when (e is LinuxException or OrcaException)
        {
            // No /proc, or no memory files that may be executed: the container has what it needs without this.
        }

        Array.ForEach(kept, static descriptor => Kernel.SetCloseOnExec(descriptor, true));
        return true;
    }

    /// <summary>The log is opened again by the keeper.</summary>
    private static unsafe IEnumerable<int> JournalOf(Keep* keep) => ((int[])[keep->Journal.Status, keep->Journal.Directory, keep->Journal.Input]).Where(static descriptor => descriptor > 2);

    private static unsafe string SavedModes(Keep* keep) =>
        keep->IsRaw == 0 ? None : Convert.ToHexStringLower(new ReadOnlySpan<byte>(keep->Saved, HostTerminal.ModesSize));
}
