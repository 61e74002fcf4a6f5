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
internal sealed class ProgramDiagnosis(IContainer container, SandboxSpec spec, Action<string>? note, ProgramMachine? machine = null)
{
    private const int Killed = 128, Abort = 6, BusError = 7, SegmentationFault = 11, SmallestPage = 4096;
    private static readonly string[] s_system = ["/dev", "/proc", "/sys"]; // other file systems than the container's
    private readonly MountLayout _mounts = new(spec.Mounts, spec.TemporaryMounts, spec.Places);
    private readonly ProgramMachine _machine = machine ?? ProgramMachine.Current;

    /// <summary>Whether this kernel's pages can be why a program dies: elsewhere no program starts and dies for what its header shows.</summary>
    internal static bool PagesCount => Environment.SystemPageSize > SmallestPage;

    /// <summary>Whether the command's program starts here and dies.</summary>
    internal bool ExpectsDeath => Fault() is { StartsAndDies: true };

    /// <summary>Runs the container. An error about its command says more when its program does, and so does a note after its death.</summary>
    internal ExitStatus Watch(Func<ExitStatus> run)
    {
        try
        {
            var status = run();
            NoteEnd(status);
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

    /// <summary>Says why the command may have died, where it did and its program or the kernel's pages show it.</summary>
    internal void NoteEnd(ExitStatus status)
    {
        if (note is not null && SignalName(status) is { } name
            && (Fault() is { StartsAndDies: true } fault ? $"the command died of {name}: {fault.Cause}; {fault.Hint}" : OfPages(name, _machine)) is { } text)
        {
            note(text);
        }
    }

    /// <summary>What the kernel's pages alone say of a death, for who has no program to look at any more; null when they say nothing.</summary>
    internal static string? OfPages(ExitStatus status) => SignalName(status) is { } name ? OfPages(name, ProgramMachine.Current) : null;

    private static string? SignalName(ExitStatus status) => status.Code switch
    {
        Killed + Abort => "SIGABRT",
        Killed + BusError => "SIGBUS",
        Killed + SegmentationFault => "SIGSEGV",
        _ => null,
    };

    private static string? OfPages(string signal, ProgramMachine machine) => machine.PageSize <= SmallestPage ? null
        : $"the command died of {signal}: this kernel has pages of {ProgramMachine.Size((ulong)machine.PageSize)}, and programs that were built for 4 KB alone may end so; {ProgramCheck.LargePages(machine)}";

    private ProgramFault? OfRefusal(Errno errno) => errno is Errno.EACCES or Errno.EAGAIN or Errno.E2BIG or Errno.ENOMEM ? null : Fault();

    private ProgramFault? Fault()
    {
        try
        {
            var check = new ProgramCheck(_machine, (container.Record.Image.Familiar, container.Image.Config.Platform), Read);
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
