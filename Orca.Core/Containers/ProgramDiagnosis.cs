using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Programs;
using Orca.Core.Sandbox;
using static Tmds.Linux.LibC;

namespace Orca.Core.Containers;

/// <summary>Says why a container's command could not be executed, or why it died at once: looks at its program in the container's tree, and in mounts of the host's.</summary>
/// <remarks>
/// Only after a failure, so that a start costs nothing. What is read is untrusted: the reads are bounded, and links lead nowhere but into the container's root.
/// </remarks>
internal sealed class ProgramDiagnosis(IContainer container, SandboxSpec spec, Action<string>? note)
{
    private const int Killed = 128, Abort = 6, BusError = 7, SegmentationFault = 11;
    private static readonly string[] s_system = ["/dev", "/proc", "/sys"]; // other file systems than the container's
    private readonly MountLayout _mounts = new(spec.Mounts, spec.TemporaryMounts, spec.Places);

    /// <summary>Runs the container. An error about its command says more when its program does, and so does a note after its death.</summary>
    internal ExitStatus Watch(Func<ExitStatus> run)
    {
        try
        {
            var status = run();
            if (note is not null && status.Code is Killed + Abort or Killed + BusError or Killed + SegmentationFault && OfDeath(status.Code - Killed) is { } text)
            {
                note(text);
            }

            return status;
        }
        catch (SandboxException refusal) when (Explain(refusal) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>The refusal with what the command's program shows; null when it shows nothing.</summary>
    internal SandboxException? Explain(SandboxException refusal) => refusal.CommandRefused is { } errno && OfRefusal(errno) is { } fault
        ? new SandboxException($"cannot start '{Quoted.Text(spec.Arguments[0])}': {errno.Describe()}: {fault.Cause}", fault.Hint, refusal) { ExitCode = refusal.ExitCode, CommandRefused = errno }
        : null;

    private ProgramFault? OfRefusal(Errno errno) => errno is Errno.EACCES or Errno.EAGAIN or Errno.E2BIG or Errno.ENOMEM ? null : Fault(ProgramMachine.Current);

    private string? OfDeath(int signal)
    {
        var machine = ProgramMachine.Current;
        var name = signal switch { Abort => "SIGABRT", BusError => "SIGBUS", _ => "SIGSEGV" };
        return Fault(machine) is { StartsAndDies: true } fault ? $"the command died of {name}: {fault.Cause}; {fault.Hint}"
            : machine.PageSize > 4096 ? $"the command died of {name}: this kernel has pages of {ProgramMachine.Size((ulong)machine.PageSize)}, and programs that were built for 4 KB alone may end so; {ProgramCheck.LargePages(machine)}"
            : null;
    }

    private ProgramFault? Fault(ProgramMachine machine)
    {
        try
        {
            var check = new ProgramCheck(machine, (container.Record.Image.Familiar, container.Image.Config.Platform), Read);
            foreach (var candidate in CommandLookup.Candidates(spec.Arguments, spec.Env))
            {
                var path = CleanPath.Of(candidate.StartsWith('/') ? candidate : $"{spec.WorkingDirectory}/{candidate}");
                if (Read(path, 0) is { IsMissing: false })
                {
                    return check.Explain(path);
                }
            }

            return null;
        }
        catch (OrcaException) // the failure that is to be explained counts for more
        {
            return null;
        }
    }

    private ProgramBytes Read(string path, int count)
    {
        try
        {
            var place = container.Find(path).Place;
            if (Array.Exists(s_system, directory => CleanPath.IsAtOrBelow(place, directory)))
            {
                return default;
            }

            return _mounts.Over(place) is not { } mount ? new ProgramBytes(IsKnown: true, container.ReadStart(place, count))
                : mount.IsTemporary ? default
                : ReadMounted(spec.Mounts[mount.Index].Source, place[mount.Place.Length..].TrimStart('/'), count);
        }
        catch (Exception e) when (e is OrcaException or LinuxException)
        {
            return default; // it cannot be read, which says nothing about what it is
        }
    }

    /// <summary>Below a mount a link is not followed: where it leads depends on what else is mounted.</summary>
    private static ProgramBytes ReadMounted(string source, string below, int count)
    {
        var flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
        using var root = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(source)), below.Length == 0 ? flags : O_PATH, out var opened) == Errno.None ? opened : null;
        if (root is null)
        {
            return default;
        }

        if (below.Length == 0)
        {
            return ReadStart(root, count);
        }

        using var file = FileSystem.TryOpenInRoot(root, PathZ.From(NativeText.Encode(below)), flags | O_NOFOLLOW, out var inside) == Errno.None ? inside : null;
        return file is null ? default : ReadStart(file, count);
    }

    private static ProgramBytes ReadStart(Fd file, int count)
    {
        var status = FileSystem.Status(file);
        if (status.Kind != FileKind.Regular)
        {
            return default;
        }

        var bytes = new byte[Math.Min(count, status.Size)];
        var length = 0;
        while (length < bytes.Length && FileSystem.ReadAt(file, bytes.AsSpan(length), length) is > 0 and var more)
        {
            length += more;
        }

        return new ProgramBytes(IsKnown: true, bytes[..length]);
    }
}
