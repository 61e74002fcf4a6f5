using System.Globalization;
using System.Text;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;
using static Tmds.Linux.LibC;

namespace Orca.Cli.Commands.Run;

/// <summary>What a run tells other programs: the container's first process in a file, and that and the exit status on a descriptor, as bubblewrap writes them.</summary>
internal sealed class RunReport
{
    private readonly string? _pidFile;
    private readonly int _descriptor;
    private IReadOnlyList<NamespaceId> _namespaces = [];

    private RunReport(string? pidFile, int descriptor)
    {
        _pidFile = pidFile;
        _descriptor = descriptor;
    }

    /// <summary>Nothing is told.</summary>
    public static RunReport None { get; } = new(null, -1);

    /// <summary>True when there is something to say at the end too.</summary>
    public bool TellsTheEnd => _descriptor >= 0;

    /// <summary>What the end is told on; -1 for none.</summary>
    public int Descriptor => _descriptor;

    /// <summary>True when nothing is asked for.</summary>
    public bool IsEmpty => _pidFile is null && _descriptor < 0;

    /// <summary>What the arguments ask for.</summary>
    /// <exception cref="ReferenceException">The descriptor is none that the caller gave.</exception>
    public static RunReport Of(ParsedArguments arguments)
    {
        var (file, descriptor) = (arguments.Last(RunSyntax.PidFile), arguments.Last(RunSyntax.JsonStatus));
        return file is null && descriptor is null ? None : new RunReport(file, descriptor is null ? -1 : Read(descriptor));
    }

    /// <summary>The namespaces are made.</summary>
    public void Isolated(IReadOnlyList<NamespaceId> namespaces) => _namespaces = namespaces;

    /// <summary>The command runs.</summary>
    public void Started(int process)
    {
        Tell("child-pid", process, _namespaces);
        if (_pidFile is not null)
        {
            WriteFile(_pidFile, process.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The command has ended.</summary>
    public void Ended(int status) => Tell("exit-code", status, []);

    /// <summary>Descriptors of this program's own are close-on-exec: a number that is one of those was not given by the caller.</summary>
    private static int Read(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Kernel.IsInherited(number)
            ? number
            : throw new ReferenceException($"cannot use option '--json-status-fd': '{Quoted.Text(text)}' is no open descriptor", "open it in the shell: 'orca run --json-status-fd 3 ... 3>status'");

    /// <summary>A document a line. Of the namespaces, all but that of the users, which bubblewrap does not tell either.</summary>
    private void Tell(string name, int value, IReadOnlyList<NamespaceId> namespaces)
    {
        if (_descriptor < 0)
        {
            return;
        }

        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{{ \"{name}\": {value}");
        foreach (var one in namespaces)
        {
            if (one.Name != "user")
            {
                text.Append(CultureInfo.InvariantCulture, $", \"{one.Name}-namespace\": {one.Inode}");
            }
        }

        var fd = new Fd(_descriptor);
        try
        {
            FileSystem.Write(fd, Encoding.ASCII.GetBytes(text.Append(" }\n").ToString()));
        }
        catch (LinuxException)
        {
            // The reader is gone: that ends no container.
        }

        fd.SetHandleAsInvalid(); // it stays open for what comes after
    }

    /// <summary>Puts the file there whole: a reader never sees a part of the number, and one of an earlier run is replaced.</summary>
    private static void WriteFile(string path, string text)
    {
        // The name is new: a file of the user's own that has it would be lost.
        var unfinished = $"{path[..(path.LastIndexOf('/') + 1)]}.orca-{Guid.NewGuid().ToString("N")[..16]}.tmp";
        var source = PathZ.From(NativeText.Encode(unfinished));
        var error = FileSystem.TryOpen(null, source, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, out var fd, 0b110_100_100); // 0644
        using (fd)
        {
            if (error == Errno.None)
            {
                try
                {
                    FileSystem.Write(fd!, Encoding.ASCII.GetBytes(text + "\n"));
                    error = FileSystem.TryRename(null, source, null, PathZ.From(NativeText.Encode(path)));
                }
                catch (LinuxException e)
                {
                    error = e.Errno;
                }
            }
        }

        if (error != Errno.None)
        {
            FileSystem.TryUnlink(null, source);
            throw new StoreException($"cannot write the process id to '{Quoted.Text(path)}': {error.Describe()}");
        }
    }
}
