using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Commands;

/// <summary><c>orca cp</c>: files between the host and containers.</summary>
internal sealed class CopyCommand : Command
{
    private const string Archive = "-";

    private static readonly Option s_follow = new('L', "follow-link", null, "Copy what a source that is a symbolic link leads to");
    private static readonly Option s_hold = AcceptedSyntax.Take(null, "hold", null, string.Empty);

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca cp",
        Usage = ["[OPTIONS] NAME:PATH DEST|-", "[OPTIONS] SOURCE|- NAME:PATH"],
        Summary = "Copy files between the host and a container, which may run or not.",
        Argument = "SOURCE",
        AtLeast = 2,
        AtMost = 2,
        Interspersed = true,
        Options =
        [
            s_follow,
            AcceptedSyntax.Take('a', "archive", null, "owners are those of whoever writes: yours on the host, root's in the container"),
            AcceptedSyntax.Take('q', "quiet", null, string.Empty),
            s_hold,
        ],
        Remarks = """
            A directory is copied with all below it. Where the target is a directory the copy lies in it; a source that ends with
            '/.' is copied without its own name. '-' is a tar archive on standard output or input. Modes, times, hard links and
            holes are kept. A path of the host with a ':' is written with './' before it.
            """,
        Examples =
        [
            ("orca cp work:/etc/passwd .", "out of a container"),
            ("orca cp ./site/. web:/usr/share/nginx/html", "what is in a directory, into a container"),
            ("orca cp work:/var/log - | tar t", "as an archive"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        if (arguments.IsOn(s_hold))
        {
            Thread.Sleep(Timeout.Infinite); // in a container, until the copy is done
        }

        AcceptedSyntax.NoteGiven(arguments, context);
        var (from, to) = (End.Of(arguments.Positionals[0]), End.Of(arguments.Positionals[1]));
        if (from.Container is null && to.Container is null)
        {
            throw new ReferenceException("cannot copy: neither SOURCE nor DEST names a container", "a path in a container is written NAME:PATH");
        }

        if (from.Container == to.Container)
        {
            throw new ReferenceException(
                $"cannot copy within container '{Quoted.Text(from.Container!)}': SOURCE and DEST are in the same one", "'orca exec NAME cp -a SOURCE DEST' does that while it runs");
        }

        return ContainerFailure.Catch(context, () =>
        {
            using var interruption = new Interruption();
            try
            {
                Copy(from, to, arguments.IsOn(s_follow), context, interruption.Token).GetAwaiter().GetResult();
                return 0;
            }
            catch (Exception) when (interruption.Token.IsCancellationRequested)
            {
                throw new InterruptedException(interruption.ExitStatus);
            }
        });
    }

    private static async Task Copy(End from, End to, bool followLinks, CommandContext context, CancellationToken cancellationToken)
    {
        var transfer = context.Get<IFileTransfer>();
        using var program = File.OpenHandle("/proc/self/exe");
        var holder = new HoldingProgram(program, ["cp", "--" + s_hold.Name, Archive, Archive]);
        var source = await OpenAsync(from).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var target = await OpenAsync(to).ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                if (to.IsArchive)
                {
                    ArchiveOutput.Write(path: null, "copy", (stream, _) => transfer.Read(from.In(source.Root), followLinks, stream, cancellationToken));
                    return;
                }

                var notes = from.IsArchive
                    ? transfer.Write(new BufferedStream(new FdStream(Fd.Borrow(0)), 1 << 16), to.In(target.Root), cancellationToken)
                    : transfer.Copy(from.In(source.Root), to.In(target.Root), followLinks, cancellationToken);
                foreach (var note in notes)
                {
                    context.Note(note);
                }
            }
        }

        async Task<OpenEnd> OpenAsync(End end) => new(
            end.Container is { } name ? await context.Get<IContainerRoots>().OpenAsync(name, holder, context.Note, cancellationToken).ConfigureAwait(false) : null);
    }

    /// <summary>One of the two arguments.</summary>
    /// <param name="Text">The argument.</param>
    /// <param name="Container">The container; null for the host.</param>
    /// <param name="Path">The path there.</param>
    private readonly record struct End(string Text, string? Container, string Path)
    {
        public bool IsArchive => Container is null && Text == Archive;

        /// <summary>Reads an argument as docker does: a path that begins with a dot or a slash is the host's.</summary>
        public static End Of(string text)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon <= 0 || text[0] is '.' or '/' || text.AsSpan(0, colon).Contains('/') ? new End(text, null, text) : new End(text, text[..colon], text[(colon + 1)..]);
        }

        public TransferPlace In(Fd? root) => new(root, Path, Text);
    }

    /// <summary>The root of a container while it is open; nothing for the host.</summary>
    private sealed class OpenEnd(IContainerRoot? root) : IAsyncDisposable
    {
        public Fd? Root => root?.Root;

        public ValueTask DisposeAsync() => root?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
