using System.Text;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Images;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <content>Containers that are made without a run, and what a kept one is run with.</content>
public sealed partial class ContainerRunner
{
    /// <inheritdoc/>
    public string Create(ResolvedRun run, Action<string>? note)
    {
        var request = run.Request;
        if (run.Known is { Name: var name })
        {
            throw new StoreException($"cannot make container '{name}': there is one of that name", $"enter it with 'orca run --name {name}', or choose another name");
        }

        var (container, merged, _) = Open(run, note);
        using (container)
        {
            NoteEmulation(request, container, note);
            OptionConflicts.Require(merged, new MountChecks(merged, container));
            if (request.IdFile is { } file)
            {
                WriteNewFile(file, container.Record.Name);
            }

            return container.Record.Name;
        }
    }

    /// <summary>The same, with the directories of its volumes, which are made where they are not there.</summary>
    private RunOptions WithVolumes(RunOptions options, StoredImage image)
    {
        if (options.Files.Mounts.All(static mount => mount.Volume is null))
        {
            return options;
        }

        var store = volumes ?? throw new ReferenceException("cannot mount a volume: this store has none");
        return options with
        {
            Files = options.Files with
            {
                Mounts = [.. options.Files.Mounts.Select(mount => mount.Volume is { } name ? mount with { Source = store.Ensure(name, image, mount.Destination).Path, Volume = null } : mount)],
            },
        };
    }

    /// <summary>What is started again later is what was last started without a terminal.</summary>
    private static RunOptions? WithCommand(RunOptions? remembered, RunOptions options, ProcessOptions asked)
    {
        var known = options.Process;
        return (known.Terminal, known.Interactive) == (asked.Terminal, asked.Interactive) && known.Command.SequenceEqual(asked.Command)
            && (asked.Entrypoint is null || (known.Entrypoint is { } entrypoint && entrypoint.SequenceEqual(asked.Entrypoint)))
                ? remembered
                : (remembered ?? options) with { Process = known with { Command = asked.Command, Entrypoint = asked.Entrypoint ?? known.Entrypoint, Terminal = asked.Terminal, Interactive = asked.Interactive } };
    }

    /// <summary>As Docker's: a file that is there already belongs to another container.</summary>
    private static void WriteNewFile(string path, string text)
    {
        var flags = Tmds.Linux.LibC.O_WRONLY | Tmds.Linux.LibC.O_CREAT | Tmds.Linux.LibC.O_EXCL;
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(path)), flags, out var fd, 0b110_100_100); // 0644
        using (fd)
        {
            if (error != Errno.None)
            {
                var (cause, hint) = WorkingDirectory.Explain(
                    path, error.Describe(), hint: error == Errno.EEXIST ? "it may belong to a container that runs: name another file, or delete this one when its container has ended" : null);
                throw new StoreException($"cannot write the container's name to '{Quoted.Text(path)}': {cause}", hint);
            }

            FileSystem.Write(fd!, Encoding.UTF8.GetBytes(text));
        }
    }
}
