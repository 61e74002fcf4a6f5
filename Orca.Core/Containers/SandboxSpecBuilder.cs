using System.Globalization;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>Merges what an image says with what a run asks for, by Docker's rules, into the spec of a sandbox. Pure.</summary>
public static class SandboxSpecBuilder
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Builds the spec.</summary>
    /// <param name="image">What the image says.</param>
    /// <param name="options">What the run asks for.</param>
    /// <param name="surroundings">What comes from the container and the host.</param>
    /// <exception cref="SandboxException">There is no command, no such user, or a name that cannot be.</exception>
    public static SandboxSpec Build(ImageConfig image, RunOptions options, Surroundings surroundings)
    {
        var account = Account.Find(User(image, options, surroundings), surroundings.Passwd, surroundings.Group);
        var ids = options.Security.UserNamespace ?? UserNamespaceMode.Auto;
        var withApt = account.Uid == 0 && surroundings.HasApt && ids.HasOneId();
        var layout = new MountLayout(options.Files.Mounts, options.Files.TemporaryMounts, surroundings.Places);
        account = AccountFiles.HomeOf(account, layout, surroundings) is { } home ? account with { Home = home } : account;
        TemporaryIds.Require(options.Files.TemporaryMounts, account, ids);
        var hostname = options.Network.Hostname is { } given ? Hostname.Check(given) : Hostname.OfContainer(surroundings.DefaultHostname);
        return new SandboxSpec
        {
            Requested = options,
            Root = surroundings.Root,
            Arguments = Arguments(image, options),
            Env = Environment(image, options, account, hostname, withApt && !layout.Hides(AptSettings.Path), surroundings),
            WorkingDirectory = CleanPath.Of(Choose(options.Process.WorkingDirectory, image.WorkingDir) ?? "/"),
            Uid = account.Uid,
            Gid = account.Gid,
            Groups = ids.HasOneId() ? [] : account.Groups,
            UserNamespace = ids,
            NoNewPrivileges = SecurityReader.NoNewPrivileges(options.Security, ids),
            Hostname = hostname,
            Mounts = options.Files.Mounts,
            TemporaryMounts = options.Files.TemporaryMounts,
            Places = surroundings.Places,
            EmptyPlaces = surroundings.EmptyPlaces,
            RootFiles = RootFiles(account, options, layout, surroundings),
            ResolverDirectory = NetworkFiles.FollowsHost(options, layout, surroundings) ? HostResolver.DirectoryOf(surroundings.HostResolver!) : null,
            ReadOnly = options.Files.ReadOnly == true,
            Limits = options.Limits.Group.IsEmpty ? null : options.Limits.Group,
            Network = options.Network.Mode ?? NamespaceMode.Host,
            Ipc = options.Network.Ipc ?? NamespaceMode.Own,
            Uts = options.Network.Uts ?? NamespaceMode.Own,
            Pid = options.Network.Pid ?? NamespaceMode.Own,
            HostProc = options.Network.Pid == NamespaceMode.Host, // a new /proc of processes that are not the container's is refused by the kernel
            Init = HasInit(options, surroundings),
            Files = Files(options, layout, hostname, withApt, surroundings),
            Capabilities = SecurityReader.Capabilities(options.Security, ids),
            Seccomp = surroundings.Seccomp,
            ShowSystemPaths = options.Security.ShowSystemPaths ?? options.Security.Privileged == true,
            Terminal = surroundings.Terminal,
            Descriptors = surroundings.Descriptors?.Count ?? 0,
            PassInput = options.Process.Interactive ?? (options.Process.Terminal != true && (surroundings.Terminal || !surroundings.InputIsTyped)),
        };
    }

    /// <summary>Returns the signal that asks the command to end: the run's, else the image's, else SIGTERM.</summary>
    /// <remarks>An image's text that names no signal means SIGTERM: an image may be odd, and must not keep a container from ending.</remarks>
    internal static Signal StopSignal(ImageConfig? image, RunOptions options) =>
        options.Process.StopSignal ?? (Signal.TryParse(image?.StopSignal, out var signal) ? signal : Signal.Term);

    /// <summary>How long the command may run, and what ends it then; null for no limit.</summary>
    public static TimeLimit? Limit(ImageConfig image, RunOptions options) => options.Process.Timeout is { } time && time > TimeSpan.Zero
        ? new TimeLimit(time, StopSignal(image, options)) : null;

    private static string? User(ImageConfig image, RunOptions options, Surroundings surroundings) =>
        options.Process.User ?? (options.Security.UserNamespace == UserNamespaceMode.KeepId
            ? string.Create(CultureInfo.InvariantCulture, $"{surroundings.CallerUid}:{surroundings.CallerGid}") : image.User);

    private static bool HasInit(RunOptions options, Surroundings surroundings) => options.Process.Init ?? (!surroundings.InsistsOnFirst || options.Network.Pid == NamespaceMode.Host);

    private static List<RootFile> RootFiles(Account account, RunOptions options, MountLayout layout, Surroundings surroundings)
    {
        List<RootFile> files = [.. TimeZoneFiles.Of(surroundings.Zone), .. AccountFiles.Of(account, layout, surroundings), .. ContainerMark.RootFiles(surroundings.Root)];
        if (NetworkFiles.FollowsHost(options, layout, surroundings))
        {
            files.Add(NetworkFiles.LinkTo(surroundings.HostResolver!));
        }

        return files;
    }

    private static List<GeneratedFile> Files(RunOptions options, MountLayout layout, string hostname, bool withApt, Surroundings surroundings)
    {
        var files = NetworkFiles.Of(hostname, options, layout, surroundings);
        files.AddRange(ContainerMark.Files(surroundings));
        if (withApt)
        {
            files.AddRange(AptSettings.Files);
        }

        return files;
    }

    /// <summary>Entrypoint and command: a new entrypoint drops the image's Cmd, a command line replaces it.</summary>
    internal static List<string> Arguments(ImageConfig image, RunOptions options)
    {
        IReadOnlyList<string> entrypoint = options.Process.Entrypoint is { } given ? given is [""] ? [] : given : image.Entrypoint ?? [];
        var command = options.Process.Command.Count > 0 ? options.Process.Command : options.Process.Entrypoint is null ? image.Cmd ?? [] : [];
        List<string> arguments = [.. entrypoint, .. command];
        return arguments.Count > 0
            ? arguments
            : throw new SandboxException("cannot start the container: the image names no command", "give one after the image's name, such as 'sh'");
    }

    /// <summary>Defaults, then the image's, then the run's; the last of a name wins, in the first one's place. Of the host's only the proxies.</summary>
    private static List<string> Environment(ImageConfig image, RunOptions options, Account account, string hostname, bool withApt, Surroundings surroundings)
    {
        var variables = new OrderedVariables();
        variables.Set(DefaultPath);
        variables.Set("HOSTNAME=" + hostname);
        variables.Set("container=orca");
        if (surroundings.Terminal)
        {
            variables.Set("TERM=" + (string.IsNullOrEmpty(surroundings.Term) ? "xterm" : surroundings.Term));
        }

        if (withApt)
        {
            variables.Set(AptSettings.Variable);
        }

        if (surroundings.Locale is { } locale)
        {
            variables.Set("LANG=" + locale);
        }

        foreach (var variable in surroundings.Proxies)
        {
            variables.Set(variable);
        }

        if (options.Network.Pid != NamespaceMode.Host && surroundings.Descriptors is { } passed)
        {
            foreach (var variable in passed.Variables(HasInit(options, surroundings)))
            {
                variables.Set(variable);
            }
        }

        foreach (var variable in image.Env)
        {
            variables.Set(variable);
        }

        foreach (var name in options.Process.UnsetEnv)
        {
            variables.Remove(name);
        }

        foreach (var variable in options.Process.Env)
        {
            variables.Set(variable);
        }

        if (!options.Process.UnsetEnv.Contains("*") && !options.Process.UnsetEnv.Contains("HOME"))
        {
            variables.SetIfEmpty("HOME", account.Home ?? "/");
        }

        return variables.Items;
    }

    private static string? Choose(string? first, string? second) => !string.IsNullOrEmpty(first) ? first : !string.IsNullOrEmpty(second) ? second : null;
}

/// <summary>What a spec takes from the container's files and from the host.</summary>
public sealed record Surroundings
{
    /// <summary>The container's root.</summary>
    public required RootFileSystem Root { get; init; }

    /// <summary>The container's /etc/passwd; null when it has none.</summary>
    public byte[]? Passwd { get; init; }

    /// <summary>The container's /etc/group; null when it has none.</summary>
    public byte[]? Group { get; init; }

    /// <summary>The caller's user id on the host.</summary>
    public uint CallerUid { get; init; }

    /// <summary>The caller's group id on the host.</summary>
    public uint CallerGid { get; init; }

    /// <summary>Who the caller is on the host; null when the command has another number, or nothing is known.</summary>
    public HostAccount? Caller { get; init; }

    /// <summary>What is remembered of the container, for the file that says so inside; null for none.</summary>
    public ContainerRecord? Record { get; init; }

    /// <summary>What the command gets besides the standard streams; null for nothing.</summary>
    public PassedDescriptors? Descriptors { get; init; }

    /// <summary>The command is an init that has to be process 1.</summary>
    public bool InsistsOnFirst { get; init; }

    /// <summary>The caller's proxies, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Proxies { get; init; } = [];

    /// <summary>The container's tree is one that apt manages.</summary>
    public bool HasApt { get; init; }

    /// <summary>Which system calls are allowed.</summary>
    public SeccompChoice Seccomp { get; init; } = SeccompChoice.Default;

    /// <summary>The host name when the run asks for none.</summary>
    public required string DefaultHostname { get; init; }

    /// <summary>Where the host's resolver configuration can be followed live; null when it cannot.</summary>
    public string? HostResolver { get; init; }

    /// <summary>The host's resolver configuration; empty when it has none.</summary>
    public string HostResolvConf { get; init; } = string.Empty;

    /// <summary>The host's own names for addresses; empty when it has none.</summary>
    public string HostHosts { get; init; } = string.Empty;

    /// <summary>The time zone to give the container; null to leave what it has.</summary>
    public ZoneFacts? Zone { get; init; }

    /// <summary>The locale where nobody says one; null for none.</summary>
    public string? Locale { get; init; }

    /// <summary>Where paths lead in the container's root, see <see cref="SandboxSpec.Places"/>.</summary>
    public IReadOnlyDictionary<string, string> Places { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>See <see cref="SandboxSpec.EmptyPlaces"/>.</summary>
    public IReadOnlyList<string> EmptyPlaces { get; init; } = [];

    /// <summary>The command gets a terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>Standard input is a terminal: it is read only for a command that has one, or when that is asked for, since others may read it too.</summary>
    public bool InputIsTyped { get; init; }

    /// <summary>The kind of terminal the command is told it has (TERM).</summary>
    public string? Term { get; init; }
}
