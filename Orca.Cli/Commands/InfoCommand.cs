using System.Globalization;
using System.Text;
using System.Text.Json;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.References;
using Orca.Core.Upkeep;

namespace Orca.Cli.Commands;

/// <summary><c>orca info</c>: this machine and the store, under docker's and podman's names.</summary>
internal sealed class InfoCommand : Command
{
    private const int MaxFile = 1 << 20;

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca info",
        Usage = ["[OPTIONS]"],
        Summary = "Show what orca knows of this machine, of the store, and where that is said.",
        AtMost = 0,
        Interspersed = true,
        Options = [ResultFormat.FormatOfOne],
        Remarks = "'orca doctor' tries what orca needs of this machine, 'orca system df' measures the store.",
        Examples = [("orca info", "for people"), ("orca info -f '{{.DockerRootDir}}'", "where the store is"), ("orca info -f json", "for programs")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var format = ResultFormat.Template(arguments, ResultFormat.FormatOfOne);
        var facts = Facts(context);
        context.Out.Write(format is not null ? ResultFormat.One(format, context.Out, writer => Write(writer, facts))
            : arguments.Last(ResultFormat.FormatOfOne) == "json" ? JsonOutput.Build(writer => Write(writer, facts)) : Text(facts));
        return 0;
    }

    private static Info Facts(CommandContext context)
    {
        var (root, fileSystem) = context.Get<IStoreMeter>().Locate();
        var containers = context.Get<IContainerStore>().List();
        var source = context.Global.Root is not null ? "the option --root"
            : context.Environment.Find("ORCA_ROOT") is { Length: > 0 } ? "the variable ORCA_ROOT"
            : context.Environment.Find("XDG_DATA_HOME") is ['/', ..] ? "the variable XDG_DATA_HOME" : "the default";
        return new Info
        {
            Store = root,
            StoreFrom = source,
            FileSystem = fileSystem,
            Images = context.Get<IImageStore>().List().Count,
            Containers = containers.Count,
            Running = containers.Count(static container => container.ProcessId is not null),
            System = OsRelease(),
            Kernel = Read("/proc/sys/kernel/osrelease").Trim(),
            Memory = Memory(),
            IsRoot = CurrentUser.Uid == 0,
            Groups = HostFileReader.ReadDefault("/sys/fs/cgroup/cgroup.controllers", MaxFile).State == HostFileState.Read ? "2" : "1",
        };
    }

    private static string Read(string path) => HostFileReader.ReadDefault(path, MaxFile).Text;

    private static string OsRelease()
    {
        foreach (var line in Read("/etc/os-release").Split('\n'))
        {
            if (line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))
            {
                return line["PRETTY_NAME=".Length..].Trim('"', '\'');
            }
        }

        return "linux";
    }

    private static long Memory()
    {
        var line = Read("/proc/meminfo").Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return line.Length == 3 && long.TryParse(line[1], NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes * 1024 : 0;
    }

    private static string Text(Info info)
    {
        var text = new StringBuilder();
        (string, string)[] lines =
        [
            ("orca", $"{VersionCommand.Number} {Platform.Current}"),
            ("store", $"{Quoted.Text(info.Store)} (from {info.StoreFrom}), on {info.FileSystem}"),
            ("images", info.Images.ToString(CultureInfo.InvariantCulture)),
            ("containers", string.Create(CultureInfo.InvariantCulture, $"{info.Containers}, of which {info.Running} running")),
            ("user", info.IsRoot ? "root" : "an ordinary one; containers have no rights that it has not"),
            ("system", Quoted.Text(info.System)),
            ("kernel", Quoted.Text(info.Kernel)),
            ("processors", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
            ("memory", Amount.Bytes(info.Memory)),
            ("control groups", "version " + info.Groups),
        ];
        foreach (var (name, value) in lines)
        {
            text.Append((name + ":").PadRight(16)).Append(value).Append('\n');
        }

        return text.ToString();
    }

    private static void Write(Utf8JsonWriter writer, Info info)
    {
        writer.WriteStartObject();
        writer.WriteString("ID", "orca");
        writer.WriteString("Name", Environment.MachineName);
        writer.WriteString("ServerVersion", VersionCommand.Number);
        writer.WriteNumber("Containers", info.Containers);
        writer.WriteNumber("ContainersRunning", info.Running);
        writer.WriteNumber("ContainersPaused", 0);
        writer.WriteNumber("ContainersStopped", info.Containers - info.Running);
        writer.WriteNumber("Images", info.Images);
        writer.WriteString("Driver", "overlay");
        writer.WriteString("DockerRootDir", info.Store);
        writer.WriteString("RootFrom", info.StoreFrom);
        writer.WriteString("OperatingSystem", info.System);
        writer.WriteString("OSType", Platform.Current.Os);
        writer.WriteString("Architecture", Machine.Name);
        writer.WriteString("KernelVersion", info.Kernel);
        writer.WriteNumber("NCPU", Environment.ProcessorCount);
        writer.WriteNumber("MemTotal", info.Memory);
        writer.WriteString("CgroupVersion", info.Groups);
        JsonOutput.WriteStrings(writer, "SecurityOptions", ["name=seccomp,profile=builtin", .. info.IsRoot ? Array.Empty<string>() : ["name=rootless"]]);
        writer.WriteStartObject("Host");
        writer.WriteString("Arch", Platform.Current.Architecture);
        writer.WriteString("OS", Platform.Current.Os);
        writer.WriteString("Hostname", Environment.MachineName);
        writer.WriteString("Kernel", info.Kernel);
        writer.WriteNumber("CPUs", Environment.ProcessorCount);
        writer.WriteNumber("MemTotal", info.Memory);
        writer.WriteString("CgroupVersion", "v" + info.Groups);
        writer.WriteStartObject("Security");
        writer.WriteBoolean("Rootless", !info.IsRoot);
        writer.WriteBoolean("SECCOMPEnabled", true);
        writer.WriteBoolean("SELinuxEnabled", false);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("Store");
        writer.WriteString("GraphDriverName", "overlay");
        writer.WriteString("GraphRoot", info.Store);
        writer.WriteString("BackingFileSystem", info.FileSystem);
        writer.WriteEndObject();
        writer.WriteStartObject("Version");
        writer.WriteString("Version", VersionCommand.Number);
        writer.WriteString("OsArch", $"{Platform.Current.Os}/{Platform.Current.Architecture}");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private sealed record Info
    {
        public required string Store { get; init; }

        public required string StoreFrom { get; init; }

        public required string FileSystem { get; init; }

        public required int Images { get; init; }

        public required int Containers { get; init; }

        public required int Running { get; init; }

        public required string System { get; init; }

        public required string Kernel { get; init; }

        public required long Memory { get; init; }

        public required bool IsRoot { get; init; }

        public required string Groups { get; init; }
    }
}
