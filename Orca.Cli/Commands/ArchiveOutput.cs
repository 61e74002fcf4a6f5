using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Cli.Commands;

/// <summary>Where an archive goes: standard output, or a file that is there only once it is whole.</summary>
internal static class ArchiveOutput
{
    public static readonly Option File = new('o', "output", "FILE", "Write to this file instead of standard output");

    /// <summary>Writes.</summary>
    /// <exception cref="InterruptedException">A signal asked to stop.</exception>
    public static void Write(string? path, string verb, Action<Stream, CancellationToken> write)
    {
        using var interruption = new Interruption();
        try
        {
            if (path is null or "-")
            {
                ToStandardOutput(verb, stream => write(stream, interruption.Token));
            }
            else
            {
                ToFile(path, verb, stream => write(stream, interruption.Token));
            }
        }
        catch (Exception) when (interruption.Token.IsCancellationRequested)
        {
            throw new InterruptedException(interruption.ExitStatus);
        }
    }

    private static void ToStandardOutput(string verb, Action<Stream> write)
    {
        if (StandardStreams.TerminalSize(1) is not null)
        {
            throw new ReferenceException($"cannot {verb} to a terminal", "redirect it, or name a file with '-o FILE'");
        }

        try
        {
            using var stream = new BufferedStream(new FdStream(Fd.Borrow(1)), 256 * 1024);
            write(stream);
        }
        catch (LinuxException e) when (e.Errno == Errno.EPIPE)
        {
            throw new OutputException(1, Errno.EPIPE);
        }
    }

    private static void ToFile(string path, string verb, Action<Stream> write)
    {
        var slash = path.LastIndexOf('/');
        var (directoryName, name) = slash < 0 ? (".", path) : (path[..(slash + 1)], path[(slash + 1)..]);
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(directoryName)), O_RDONLY | O_DIRECTORY, out var directory);
        if (error != Errno.None || name.Length == 0)
        {
            throw new StoreException($"cannot {verb} to '{Quoted.Text(path)}': {(error == Errno.None ? "it is a directory" : error.Describe())}");
        }

        if (WorkingDirectory.IsMissingFor(path))
        {
            throw new StoreException($"cannot {verb} to '{Quoted.Text(path)}': {WorkingDirectory.Cause}", WorkingDirectory.Hint);
        }

        using (directory)
        {
            var target = PathZ.From(NativeText.Encode(name));
            if (FileSystem.TryStatus(directory, target, out var status) == Errno.None && status.Kind != FileKind.Regular)
            {
                using var direct = Open(directory!, target, O_WRONLY | O_TRUNC, path, verb);
                write(direct); // a device, a pipe, a link: whoever made it wants it to stay
                direct.Flush();
                return;
            }

            var aside = PathZ.From(NativeText.Encode($".{name[..Math.Min(name.Length, 200)]}.{Environment.ProcessId}.tmp"));
            try
            {
                using (var stream = Open(directory!, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, path, verb))
                {
                    write(stream);
                    stream.Flush();
                }

                FileSystem.Rename(directory, aside, directory, target);
            }
            catch
            {
                FileSystem.TryUnlink(directory, aside);
                throw;
            }
        }
    }

    private static BufferedStream Open(Fd directory, PathZ name, int flags, string path, string verb)
    {
        const uint mode = 0x1B6; // 0666, less what umask takes away
        var error = FileSystem.TryOpen(directory, name, flags, out var file, mode);
        return error == Errno.None ? new BufferedStream(new FdStream(file!), 256 * 1024) : throw new StoreException($"cannot {verb} to '{Quoted.Text(path)}': {error.Describe()}");
    }
}
