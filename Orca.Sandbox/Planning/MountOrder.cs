using System.Globalization;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Sandbox.Planning;

/// <summary>Makes the caller's mounts, in the order of <see cref="MountLayout"/>, and puts into an empty one what orca has there.</summary>
internal static class MountOrder
{
    private const MountFlags Always = MountFlags.MS_NOSUID | MountFlags.MS_NODEV;
    private const string Dev = "/dev";
    private const uint DevMode = 0b111_101_101; // 0755: where anybody may write, the kernel keeps even root from opening what is another's with O_CREAT
    private const string DevSize = "65536k";
    private const long LeastDev = 256 << 10; // room for the container's own files there

    /// <summary>How the clone of a bind mount's source is called.</summary>
    internal static string KeyOf(int mount) => string.Create(CultureInfo.InvariantCulture, $"volume {mount + 1}");

    /// <summary>The steps that make the mounts in the new root.</summary>
    /// <exception cref="SandboxException">Something is to be mounted where nothing may be, or twice in one place.</exception>
    internal static List<Step> Steps(SandboxSpec spec, HostFacts host, MountLayout layout, FileSteps files)
    {
        Require(spec, layout);
        var steps = new List<Step>();
        foreach (var mount in layout.Mounts)
        {
            if (!mount.IsTemporary)
            {
                steps.Add(new AttachTree(KeyOf(mount.Index), mount.Target, host.SourceIsDirectory[mount.Index]));
            }
            else if (!IsDev(mount))
            {
                var temporary = spec.TemporaryMounts[mount.Index];
                steps.Add(new MountTemporary(mount.Target, Flags(temporary), Options(temporary)) { Held = Held(spec, mount) });
                steps.AddRange(files.In(mount));
            }
        }

        return steps;
    }

    /// <summary>What is to be read-only becomes so last: before, places are made in it for mounts, files and the working directory.</summary>
    internal static IEnumerable<Step> Seals(SandboxSpec spec, MountLayout layout) => layout.Mounts
        .Where(mount => mount.IsTemporary && spec.TemporaryMounts[mount.Index].ReadOnly)
        .Select(mount => Held(spec, mount) is { } key ? (Step)new SealHeld(key, mount.Target) : new SealMount(Dev));

    /// <summary>The options of the container's own /dev: what the caller wants on /dev is that, with all that belongs into it.</summary>
    internal static string DevOptions(SandboxSpec spec, MountLayout layout)
    {
        foreach (var mount in layout.Mounts)
        {
            if (IsDev(mount))
            {
                var asked = spec.TemporaryMounts[mount.Index];
                asked = asked.Mode == TemporaryMount.DefaultMode ? asked with { Mode = DevMode } : asked;
                return Options(asked with { Size = asked.Size is > 0 and < LeastDev ? LeastDev : asked.Size, Others = string.Join(',', asked.Others.Split(',').Where(static word => !IsTooFew(word))) });
            }
        }

        return $"mode=755,size={DevSize}";
    }

    /// <summary>What a mount of a host path may not offer.</summary>
    internal static MountFlags Restrictions(BindMount mount) =>
        (mount.NoExec ? MountFlags.MS_NOEXEC : MountFlags.None) | (mount.NoDevices ? MountFlags.MS_NODEV : MountFlags.None)
        | (mount.NoSetUid ? MountFlags.MS_NOSUID : MountFlags.None);

    /// <summary>A limit of files or blocks (pages) that the container's own files in /dev do not fit in; a larger one has a unit or three digits.</summary>
    private static bool IsTooFew(string word) =>
        word.StartsWith("nr_", StringComparison.Ordinal) && word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..] is { Length: < 3 } count && count != "0" && char.IsAsciiDigit(count[^1]);

    private static bool IsDev(PlacedMount mount) => mount is { IsTemporary: true, Place: Dev };

    private static string? Held(SandboxSpec spec, PlacedMount mount) => spec.TemporaryMounts[mount.Index].ReadOnly && !IsDev(mount)
        ? string.Create(CultureInfo.InvariantCulture, $"tmpfs {mount.Index + 1}") : null;

    private static MountFlags Flags(TemporaryMount mount) =>
        (Always & ~(mount.SetUid ? MountFlags.MS_NOSUID : MountFlags.None)) | (mount.Executable ? MountFlags.None : MountFlags.MS_NOEXEC);

    private static string Options(TemporaryMount mount) =>
        $"mode={Convert.ToString(mount.Mode, 8)}" + Option("size", mount.Size) + Option("uid", mount.Uid) + Option("gid", mount.Gid)
        + (mount.Others.Length > 0 ? "," + mount.Others : string.Empty);

    private static string Option(string name, long? value) =>
        value is { } number ? string.Create(CultureInfo.InvariantCulture, $",{name}={number}") : string.Empty;

    private static void Require(SandboxSpec spec, MountLayout layout)
    {
        foreach (var destination in spec.Mounts.Select(static mount => mount.Destination).Concat(spec.TemporaryMounts.Select(static mount => mount.Destination)))
        {
            if (MountPath.Problem(destination) is { } problem)
            {
                throw new SandboxException($"cannot mount on '{Quoted.Text(CleanPath.Of(destination))}': {problem}");
            }
        }

        if (layout.Mounts.GroupBy(static mount => mount.Target).FirstOrDefault(static group => group.Skip(1).Any()) is { } twice)
        {
            throw new SandboxException($"cannot mount on '{Quoted.Text(twice.Key)}': two mounts want that place");
        }
    }
}
