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
    private const int MaxShown = 70; // characters of the target's name, of at most three bytes each: a name takes 255 bytes
    private const int RandomLength = 16;

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
        catch (LinuxException e) when (e is { Call: "write", Errno: Errno.EPIPE or Errno.EBADF })
        {
            throw new OutputException(1, e.Errno);
        }
    }

    private static void ToFile(string path, string verb, Action<Stream> write)
    {
        var slash = path.LastIndexOf('/');
        var (directoryName, name) = slash < 0 ? (".", path) : (path[..(slash + 1)], path[(slash + 1)..]);
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(directoryName)), O_RDONLY | O_DIRECTORY, out var directory);
        if (error != Errno.None || name.Length == 0)
        {
            var cause = path.Length == 0 ? "the name is empty" : error == Errno.None ? "it is a directory" : error.Describe();
            throw new StoreException($"cannot {verb} to '{Quoted.Text(path)}': {cause}");
        }

        if (WorkingDirectory.IsMissingFor(path))
        {
            throw new StoreException($"cannot {verb} to '{Quoted.Text(path)}': {WorkingDirectory.Cause}", WorkingDirectory.Hint);
        }

        using (directory)
        {
            var target = PathZ.From(NativeText.Encode(name));
            error = FileSystem.TryStatus(directory, target, out var status);
            if (error is not (Errno.None or Errno.ENOENT))
            {
                throw new StoreException($"cannot {verb} to '{Quoted.Text(path)}': {error.Describe()}");
            }

            if (error == Errno.None && status.Kind != FileKind.Regular)
            {
                using var direct = Open(directory!, target, O_WRONLY | O_TRUNC, path, verb);
                write(direct); // a device, a pipe, a link: whoever made it wants it to stay
                direct.Flush();
                return;
            }

            var prefix = $".orca-{name[..Math.Min(name.Length, MaxShown)]}.";
            SweepDead(directory!, prefix);
            var file = MakeAside(directory!, prefix, path, verb, out var aside);
            try
            {
                using (file)
                using (var stream = new BufferedStream(new FdStream(file), 256 * 1024))
                {
                    write(stream);
                    stream.Flush();
                    FileSystem.Rename(directory, aside, directory, target);
                }
            }
            catch (Exception e)
            {
                FileSystem.TryUnlink(directory, aside);
                if (e is LinuxException { Call: "write" } failed && failed.Target.EndsWith(aside.ToString()[^(RandomLength + ".tmp".Length)..], StringComparison.Ordinal))
                {
                    throw new StoreException($"cannot {verb} to '{Quoted.Text(path)}': {failed.Errno.Describe()}", failed.Hint);
                }

                throw;
            }
        }
    }

    /// <summary>A file of a new name, whose lock says that it is being written. Where there are no locks, nobody sweeps either.</summary>
    private static Fd MakeAside(Fd directory, string prefix, string path, string verb, out PathZ name)
    {
        while (true)
        {
            name = PathZ.From(NativeText.Encode($"{prefix}{Guid.NewGuid().ToString("N")[..RandomLength]}.tmp"));
            var file = OpenFile(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, path, verb);
            if (FileSystem.TryLock(file, exclusive: true, wait: true) != Errno.None || FileSystem.Status(file).Links > 0)
            {
                return file;
            }

            file.Dispose(); // another command swept it before it was locked
        }
    }

    /// <summary>Deletes what a killed command has left beside the same target: this user's files of that form that no process has locked.</summary>
    private static void SweepDead(Fd directory, string prefix)
    {
        foreach (var (name, _) in DirectoryReader.ReadAll(directory))
        {
            var text = NativeText.Decode(name);
            if (text.Length != prefix.Length + RandomLength + ".tmp".Length || !text.StartsWith(prefix, StringComparison.Ordinal) || !text.EndsWith(".tmp", StringComparison.Ordinal)
                || !text[prefix.Length..^4].All(char.IsAsciiHexDigitLower)
                || FileSystem.TryOpen(directory, PathZ.From(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out var left) != Errno.None)
            {
                continue;
            }

            using (left)
            {
                if (FileSystem.TryStatus(left!, out var status) == Errno.None && status.Kind == FileKind.Regular && status.Uid == CurrentUser.EffectiveUid
                    && FileSystem.TryLock(left!, exclusive: true, wait: false) == Errno.None)
                {
                    FileSystem.TryUnlink(directory, PathZ.From(name));
                }
            }
        }
    }

    private static BufferedStream Open(Fd directory, PathZ name, int flags, string path, string verb) =>
        new(new FdStream(OpenFile(directory, name, flags, path, verb)), 256 * 1024);

    private static Fd OpenFile(Fd directory, PathZ name, int flags, string path, string verb)
    {
        const uint mode = 0x1B6; // 0666, less what umask takes away
        var error = FileSystem.TryOpen(directory, name, flags, out var file, mode);
        return error == Errno.None ? file! : throw new StoreException($"cannot {verb} to '{Quoted.Text(path)}': {error.Describe()}");
    }
}
