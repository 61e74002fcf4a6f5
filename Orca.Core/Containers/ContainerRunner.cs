using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Images;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>The pipeline from a request to an exit status, over interfaces alone: store, container, spec, sandbox.</summary>
public sealed partial class ContainerRunner(IImageStore images, IContainerStore containers, ISandbox sandbox, TimeProvider time, References.IShortNames? names = null, IVolumeStore? volumes = null) : IContainerRunner
{
    private const int MaxAccountsFile = 16 << 20; // as large as anybody's directory service, when exported; more is an attack on memory
    private const int MaxNetworkFile = 1 << 20;
    private const char Removal = '/'; // in a token: what follows is the container to remove

    /// <inheritdoc/>
    public ExitStatus Run(ResolvedRun run, SandboxRunOptions options, CancellationToken cancellationToken)
    {
        var request = run.Request;
        if (request.Options.Security.UserNamespace == UserNamespaceMode.Host && CurrentUser.Uid != 0)
        {
            options.Note?.Invoke("only root can have the host's ids: without root, '--userns=host' means what 'auto' means, one id, yours");
        }

        request.Descriptors?.Check();
        if (request.Detached)
        {
            request = request with { Options = request.Options with { Process = request.Options.Process with { Terminal = request.Options.Process.Terminal ?? false, Interactive = request.Options.Process.Interactive ?? false } } };
        }

        var (container, merged, remembered) = Open(run with { Request = request }, options.Note);
        NoteEmulation(request, container, options.Note);
        try
        {
            using (container)
            {
                if (remembered is not null)
                {
                    container.Remember(remembered);
                }

                if (request.IdFile is { } file)
                {
                    WriteNewFile(file, container.Record.Name);
                }

                using var journal = container.OpenJournal(request.Detached);
                return Run(container, merged, request.Options, request.Descriptors, Tie(request, options, container, merged) with { Journal = journal }, cancellationToken);
            }
        }
        finally
        {
            if (request is { Name: { } name, RemoveAfter: true })
            {
                containers.Remove(name, force: false);
            }
        }
    }

    /// <summary>Ties what happens to the process to the container: its scratch can go once it runs, its locks must stay.</summary>
    private static SandboxRunOptions Tie(RunRequest request, SandboxRunOptions options, IContainer container, RunOptions run) => options with
    {
        Launched = () =>
        {
            options.Launched?.Invoke();
            container.Launched();
        },
        Started = process =>
        {
            container.Started(process, run); // first: whoever hears that it runs can find it
            options.Started?.Invoke(process);
        },
        Handover = options.Handover is not { } handover ? null : handover with
        {
            Token = () => TokenOf(request, container) ?? (handover.Always || ProgramDiagnosis.PagesCount ? string.Empty : null), // the end of a command is explained there
        },
    };

    /// <inheritdoc/>
    public SandboxOutline Outline(RunRequest request)
    {
        // An ephemeral container stands for one that would be made, or made anew: it goes again at once.
        var run = Resolve(request with { Fresh = false });
        var (container, merged, _) = Open(run.Known is not null ? run : run with { Request = request with { Name = null } }, note: null);
        using (container)
        {
            return sandbox.Outline(SandboxSpecBuilder.Build(container.Image.Config, merged, Look(container, merged, new MountChecks(merged, container), request.Options, request.Descriptors, note: null)));
        }
    }

    private ExitStatus Run(IContainer container, RunOptions run, RunOptions asked, PassedDescriptors? descriptors, SandboxRunOptions options, CancellationToken cancellationToken)
    {
        var mounts = new MountChecks(run, container);
        OptionConflicts.Require(run, mounts);
        var spec = SandboxSpecBuilder.Build(container.Image.Config, run, Look(container, run, mounts, asked, descriptors, options.Note, isDetached: options.Journal?.Log is not null));
        options = options with { Limit = SandboxSpecBuilder.Limit(container.Image.Config, run) ?? options.Limit };
        var diagnosis = new ProgramDiagnosis(container, spec, options.Note);
        if (ProgramDiagnosis.PagesCount && options.Handover is { } handover)
        {
            options = options with { Handover = handover with { Token = () => diagnosis.ExpectsDeath ? throw new SandboxException("this process stays, to explain how the command dies") : handover.Token() } };
        }

        return diagnosis.Watch(() => new SandboxFallback(container, options.Note).Run(sandbox, spec, options, cancellationToken));
    }

    /// <summary>Reads what a spec takes from the container's files and from the host.</summary>
    /// <param name="container">The container.</param>
    /// <param name="run">All that counts for the run, what a kept container remembers included.</param>
    /// <param name="mounts">Its mounts.</param>
    /// <param name="asked">What this run asks for alone: that must be there, what is only remembered may be gone.</param>
    /// <param name="descriptors">What is passed on beside the standard streams; null for nothing.</param>
    /// <param name="note">Hears of files that are passed over.</param>
    /// <param name="isDetached">Whether the command has nothing of this process's streams.</param>
    private static Surroundings Look(IContainer container, RunOptions run, MountChecks mounts, RunOptions asked, PassedDescriptors? descriptors, Action<string>? note, bool isDetached = false)
    {
        var files = new ContainerFileReader(container, note);
        var resolver = HostResolver.Find();
        var terminal = isDetached ? run.Process.Terminal == true : WantsTerminal(run);
        return new Surroundings
        {
            Root = container.Root,
            Passwd = files.Read(AccountFiles.Passwd, MaxAccountsFile, "users have numbers only"),
            Group = files.Read(AccountFiles.Group, MaxAccountsFile, "groups have numbers only"),
            CallerUid = CurrentUser.Uid,
            CallerGid = CurrentUser.Gid,
            Caller = HostAccountProbe.Look(run, container.Image.Config.User, Environment.GetEnvironmentVariable),
            Record = container.Record,
            Descriptors = descriptors,
            InsistsOnFirst = run.Process.Init is null && FirstProcess.Insists(SandboxSpecBuilder.Arguments(container.Image.Config, run)[0], container.ReadStart),
            Proxies = ProxyVariables.Look(run, Environment.GetEnvironmentVariable, note),
            HasApt = files.Exists(AptSettings.Mark),
            Seccomp = SecurityReader.Seccomp(run.Security),
            DefaultHostname = run.Network.Uts == NamespaceMode.Host ? Environment.MachineName : container.Record.Name,
            HostResolver = resolver,
            HostResolvConf = run.Network.Mode == NamespaceMode.Own || (resolver is not null && !run.Network.Names.ChangesResolver)
                ? string.Empty : ReadHostFile(NetworkFiles.ResolvConf, "the container gets none of its name servers", note),
            HostHosts = run.Network.Mode == NamespaceMode.Own ? string.Empty : ReadHostFile(NetworkFiles.Hosts, "the container gets none of its names", note),
            Places = mounts.Places,
            EmptyPlaces = [.. mounts.Layout.Mounts.Where(mounts.ChangesKind).Select(static mount => mount.Place)],
            Zone = mounts.Layout.Hides(TimeZoneFiles.LocalTime) ? null : ZoneProbe.Look(container, files, run, asked.Process.TimeZone, note),
            Locale = LocaleProbe.Look(container.Image.Config, files, run, Environment.GetEnvironmentVariable),
            Terminal = terminal,
            InputIsTyped = IsTerminal(0),
            Term = terminal ? TerminalProbe.Look(container.Image.Config, files, run, Environment.GetEnvironmentVariable("TERM")) : null,
        };
    }

    /// <summary>As asked; when nothing is asked, where all three streams are one: a redirection is to be seen, and a pager's keys are its own.</summary>
    private static bool WantsTerminal(RunOptions run)
    {
        if (run.Process is { Terminal: true, Interactive: true } && !IsTerminal(0))
        {
            throw new SandboxException("cannot start the container: standard input is not a terminal", "leave out '-t' when input comes from a file or pipe");
        }

        return run.Process.Terminal ?? (run.Process.Interactive is null && IsTerminal(0) && IsTerminal(1) && IsTerminal(2));
    }

    private static bool IsTerminal(int stream) => StandardStreams.TerminalSize(stream) is not null;

    private (IContainer Container, RunOptions Options, RunOptions? Remembered) Open(ResolvedRun run, Action<string>? note)
    {
        var request = run.Request;
        if (request is { Name: not null, Options.Files.ChangesInMemory: not null })
        {
            throw new ReferenceException("cannot use '--tmpfs-upper' with '--name': changes in memory go with the run, and a named container keeps them", "leave one of them out");
        }

        request = request with { Options = WithOwnIds(request.Options) };
        if (request.Options.Security.Seccomp is not null)
        {
            request = request with { Options = request.Options with { Security = SecurityReader.WithPolicy(request.Options.Security) } };
        }

        if (!request.Replace && run.Known is { } known)
        {
            if (request.Image is { } asked && asked != known.Image && names?.Meanings(asked).Contains(known.Image) != true)
            {
                throw new StoreException(
                    $"cannot run container '{known.Name}': it was made from '{known.Image.Familiar}', not '{asked.Familiar}'",
                    KeptContainerHints.Enter(known, asked, request.Options.Process.Command));
            }

            if (!request.Fresh)
            {
                RequireSameIds(known, request.Options.Security.UserNamespace);
                var container = containers.Open(known.Name);
                try
                {
                    request = request with { Options = WithVolumes(request.Options, container.Image) };
                    var kept = KeptOptions.Of(container.Record, container, request.Options, note);
                    return (container, kept.Run, request.Detached ? WithCommand(kept.Remembered, container.Record.Options, request.Options.Process) : kept.Remembered);
                }
                catch
                {
                    container.Dispose();
                    throw;
                }
            }
        }

        var reference = run.Reference!;
        var image = run.Image ?? throw Missing(reference, images.Find(reference), request);
        if (run.Known is not null)
        {
            containers.Remove(run.Known.Name, force: request.Replace);
        }

        request = request with { Options = WithVolumes(request.Options, image) };
        var record = new ContainerRecord
        {
            Name = request.Name ?? $"run-{Guid.NewGuid().ToString("N")[..12]}",
            Image = reference,
            ImageDigest = image.Digest,
            Created = time.GetUtcNow(),
            Options = request.Options,
        };
        return (request.Name is null ? containers.CreateEphemeral(image, record) : containers.Create(image, record), request.Options, null);
    }

    /// <summary>An ordinary user can have nobody's ids of the host but one: as in podman, <see cref="UserNamespaceMode.Host"/> then is the default.</summary>
    private static RunOptions WithOwnIds(RunOptions options) => options.Security.UserNamespace != UserNamespaceMode.Host || CurrentUser.Uid == 0
        ? options : options with { Security = options.Security with { UserNamespace = UserNamespaceMode.Auto } };

    /// <summary>Its files belong to the ids of the mode it was made with; under another they would be somebody else's.</summary>
    private static void RequireSameIds(ContainerRecord known, UserNamespaceMode? asked)
    {
        var made = known.Options.Security.UserNamespace ?? UserNamespaceMode.Auto;
        if (asked is { } mode && mode != made)
        {
            throw new StoreException(
                $"cannot run container '{known.Name}' with '--userns={mode.Word()}': it was made with '--userns={made.Word()}', and its files have the owners of that",
                $"leave '--userns' out, or make another container with another name");
        }
    }

    private static string ReadHostFile(string path, string consequence, Action<string>? note)
    {
        var file = HostFileReader.ReadDefault(path, MaxNetworkFile);
        if (note is not null && file.Note(consequence) is { } text)
        {
            note(text);
        }

        return file.Text;
    }
}
