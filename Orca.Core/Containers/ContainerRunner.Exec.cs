using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <content>Commands in containers that run already.</content>
public sealed partial class ContainerRunner
{
    private const int StartLooks = 50;
    private const int StartPause = 20; // milliseconds

    /// <inheritdoc/>
    public ExitStatus Exec(string name, ExecRequest request, SandboxRunOptions options, CancellationToken cancellationToken) =>
        sandbox.Run(Join(name, request, options.Note), options, cancellationToken);

    /// <inheritdoc/>
    public SandboxOutline Outline(string name, ExecRequest request) => sandbox.Outline(Join(name, request, note: null));

    private SandboxSpec Join(string name, ExecRequest request, Action<string>? note)
    {
        var instance = FindRunning(name) ?? throw new StoreException(
            $"cannot run a command in container '{name}': it does not run", $"'orca run --name {name}' runs it; 'orca ps' lists those that run");
        var image = images.Find(instance.Record.ImageDigest) ?? throw new StoreException($"cannot run a command in container '{name}': its image is not in the store any more");
        return Join(instance, containers.Look(name) is { Kept: true }, image.Config, request, note);
    }

    /// <summary>One that somebody holds may just be about to run its command; or it ends, or its holder could not write down that it runs.</summary>
    private ContainerInstance? FindRunning(string name)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (containers.FindRunning(name) is { } instance)
            {
                return instance;
            }

            if (attempt == StartLooks || containers.Look(name) is not { ProcessId: not null })
            {
                return null;
            }

            Thread.Sleep(StartPause);
        }
    }

    /// <summary>The spec of a command in a container: everything about the container as its own run has it, the user's name by the files that it has now.</summary>
    /// <exception cref="SandboxException">The container has ended, or has no such user.</exception>
    private static SandboxSpec Join(ContainerInstance instance, bool isKept, ImageConfig image, ExecRequest request, Action<string>? note)
    {
        using var content = RunningContent.Open(instance.Process) ?? throw new SandboxException($"cannot run a command in container '{instance.Record.Name}': it has ended");
        var run = instance.Record.Options;
        var options = run with
        {
            Process = run.Process with
            {
                Entrypoint = [string.Empty],
                Command = request.Command,
                Env = [.. run.Process.Env, .. request.Env],
                WorkingDirectory = request.WorkingDirectory ?? run.Process.WorkingDirectory,
                User = request.User ?? run.Process.User,
                Terminal = request.Detached ? false : request.Terminal,
                Interactive = request.Detached ? false : request.Interactive,
            },
            Files = run.Files with { TemporaryMounts = [] },
        };
        var files = new ContainerFileReader(content, note);
        var terminal = WantsTerminal(options);
        var surroundings = new Surroundings
        {
            Root = new RootFileSystem { Store = string.Empty, Directory = string.Empty, Volatile = !isKept }, // the container has its own
            Passwd = files.Read(AccountFiles.Passwd, MaxAccountsFile, "users have numbers only"),
            Group = files.Read(AccountFiles.Group, MaxAccountsFile, "groups have numbers only"),
            CallerUid = CurrentUser.Uid,
            CallerGid = CurrentUser.Gid,
            Caller = HostAccountProbe.Look(options, image.User, Environment.GetEnvironmentVariable),
            InsistsOnFirst = run.Process.Init is null && FirstProcess.Insists(SandboxSpecBuilder.Arguments(image, run)[0], content.ReadStart),
            Proxies = ProxyVariables.Look(options, Environment.GetEnvironmentVariable, note),
            HasApt = files.Exists(AptSettings.Mark),
            Seccomp = SecurityReader.Seccomp(options.Security),
            DefaultHostname = options.Network.Uts == NamespaceMode.Host ? Environment.MachineName : instance.Record.Name,
            Locale = LocaleProbe.Look(image, files, options, Environment.GetEnvironmentVariable),
            Terminal = terminal,
            InputIsTyped = IsTerminal(0),
            Term = terminal ? TerminalProbe.Look(image, files, options, Environment.GetEnvironmentVariable("TERM")) : null,
        };
        return SandboxSpecBuilder.Build(image, options, surroundings) with { Mounts = [], Joins = instance.Process, Detached = request.Detached };
    }

    /// <summary>Starts a command in a container of this program's.</summary>
    private static Task<ISandboxProcess> ExecAsync(
        ISandboxStarter starter, ContainerInstance instance, bool isKept, ImageConfig image, ExecRequest request, SandboxStart start, Action<string>? note, CancellationToken cancellationToken) =>
        Task.Run(() => starter.StartAsync(Join(instance, isKept, image, request, note), start, cancellationToken), cancellationToken);
}
