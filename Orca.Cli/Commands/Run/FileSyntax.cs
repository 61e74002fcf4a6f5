using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Commands.Run;

/// <summary>The options of <c>orca run</c> about what the container sees of files.</summary>
internal static class FileSyntax
{
    public static readonly Option Device = new(null, "device", "SRC[:DST]", "Pass a device node of the host; the container may do with it what you may");
    public static readonly Option Mount = new(null, "mount", "FIELDS", "The same in Docker's fields: 'type=bind,source=SRC,target=DST[,readonly]'");
    public static readonly Option ReadOnly = new(null, "read-only", null, "Make the root read-only; mounts and /dev stay writable");
    public static readonly Option ReadOnlyTemporary = new(null, "read-only-tmpfs", null, "With --read-only: /run, /tmp and /var/tmp are empty, in memory and writable");
    public static readonly Option Temporary = new(null, "tmpfs", "DST[:OPTIONS]", "Mount an empty directory in memory, such as '/scratch:size=64m,mode=700'");
    public static readonly Option MemoryUpper = new(null, "tmpfs-upper", "SIZE", "Keep the changes to the root in memory (at most SIZE), not on the disk; not with --name") { Otherwise = string.Empty };
    public static readonly Option Volume = new('v', "volume", "SRC:DST[:ro]", "Show a file or directory of the host inside");

    public static readonly Option[] Options = [Device, Mount, ReadOnly, ReadOnlyTemporary, Temporary, MemoryUpper, Volume];

    /// <summary>Returns what the command line says.</summary>
    /// <exception cref="ReferenceException">One cannot be understood, or two want the same place.</exception>
    public static FilesOptions Read(ParsedArguments arguments, CommandContext context)
    {
        if (!arguments.Any(Options))
        {
            return new FilesOptions();
        }

        var binds = new List<BindMount>();
        var temporary = new List<TemporaryMount>();
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new VolumeReader(FileSystem.TryCurrentDirectory(out var current) == Errno.None ? NativeText.Decode(current) : null, context.Environment.Find("HOME"));
        foreach (var text in arguments.All(Volume))
        {
            binds.Add(reader.Read(text));
            Take(taken, "-v", text, binds[^1].Destination);
        }

        foreach (var text in arguments.All(Mount))
        {
            Take(taken, "--mount", text, new MountReader(reader).Read(text, binds, temporary));
        }

        foreach (var text in arguments.All(Device))
        {
            binds.Add(DeviceReader.Read(text));
            Take(taken, "--device", text, binds[^1].Destination);
        }

        foreach (var text in arguments.All(Temporary))
        {
            temporary.Add(TemporaryMount.Parse(text));
            Take(taken, "--tmpfs", text, temporary[^1].Destination);
        }

        if (arguments.IsOn(ReadOnlyTemporary) && arguments.IsOn(ReadOnly))
        {
            temporary.AddRange(((string[])["/run", "/tmp", "/var/tmp"]).Where(path => !taken.ContainsKey(path)).Select(TemporaryMount.Parse));
        }

        if (reader.LabelAsked)
        {
            context.Note("mount options z and Z have no effect: a container runs in the SELinux domain of its caller, so its mounts need no label");
        }

        return new FilesOptions
        {
            Mounts = binds,
            TemporaryMounts = temporary,
            ReadOnly = arguments.Switch(ReadOnly),
            ChangesInMemory = arguments.Last(MemoryUpper) is { } size ? ReadSize(size) : null,
        };
    }

    private static long ReadSize(string text) => text.Length == 0 ? 0
        : ByteSize.TryParse(text, out var size) ? size : throw new ReferenceException($"cannot use option '--tmpfs-upper': '{Quoted.Text(text)}' is not a size such as 64m");

    private static void Take(Dictionary<string, string> taken, string option, string text, string destination)
    {
        if (!taken.TryAdd(CleanPath.Of(destination), $"{option} {text}"))
        {
            throw new ReferenceException(
                $"cannot mount '{option} {Quoted.Text(text)}': '{Quoted.Text(taken[CleanPath.Of(destination)])}' is mounted on '{Quoted.Text(destination)}' already");
        }
    }
}
