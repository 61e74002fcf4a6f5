using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;

namespace Orca.Registry.Remote.Logins;

/// <summary>Reads the files of logins: one at a default place is noted and passed over when it cannot be read, one that the user named must be readable.</summary>
/// <param name="paths">The files.</param>
/// <param name="note">Takes a sentence for the user; null for nobody.</param>
internal sealed class AuthFiles(AuthFilePaths paths, Action<string>? note)
{
    private readonly NotedOnce _notes = new(note);
    private readonly Dictionary<string, AuthFile> _pipes = new(StringComparer.Ordinal); // a pipe can be read once, and several repositories may ask

    /// <summary>The file that a login goes into when no file has one for its registry yet; null when there is no home to keep it in.</summary>
    internal string? Default => paths.Default;

    /// <summary>Fails when a file that the user named is not there or may not be read, without reading it.</summary>
    /// <exception cref="RegistryException">It is missing or closed.</exception>
    internal void RequireNamed()
    {
        foreach (var path in paths.All())
        {
            if (path.NamedBy is not null && HostFileReader.Problem(path.Path) is { } problem && !(path.IsInNamedDirectory && HasDirectory(path.Path)))
            {
                throw Unreadable(path, problem);
            }
        }
    }

    /// <summary>The files that can be read, in order.</summary>
    /// <exception cref="RegistryException">One that the user named cannot be read.</exception>
    internal IEnumerable<AuthFile> All() => All(mayBeAbsent: false);

    /// <summary>As <see cref="All()"/>, before a login is written: the file that the user named may be made by it.</summary>
    internal IEnumerable<AuthFile> AllToWrite() => All(mayBeAbsent: true);

    /// <summary>The file that a login is about to be written to; null when it is to be made.</summary>
    /// <exception cref="RegistryException">It cannot be read, and replacing it would lose what it holds; or it is a pipe.</exception>
    internal static AuthFile? ReadToWrite(string path)
    {
        var file = HostFileReader.ReadDefault(path, AuthFileReader.MaxSize);
        var problem = file.IsRead && file.Status.Kind != FileKind.Regular ? "it is a device" : file.Cause; // the file is replaced by rename(2), and /dev/null must not be
        return problem is null ? Opened(file) : file.State == HostFileState.Absent ? null : throw new RegistryException($"{AuthFileReader.Failure(path)}: {problem}");
    }

    /// <summary>Says something once.</summary>
    internal void Note(string text) => _notes.Note(text);

    private IEnumerable<AuthFile> All(bool mayBeAbsent)
    {
        foreach (var path in paths.All())
        {
            if (Read(path, mayBeAbsent) is { } file)
            {
                yield return file;
            }
        }
    }

    private AuthFile? Read(AuthFilePath path, bool mayBeAbsent)
    {
        if (path.NamedBy is not null)
        {
            return ReadNamed(path, mayBeAbsent);
        }

        var file = HostFileReader.ReadDefault(path.Path, AuthFileReader.MaxSize);
        _notes.Note(file.Note("logins in it are not used"));
        return file.IsRead ? Opened(file) : null;
    }

    private AuthFile? ReadNamed(AuthFilePath path, bool mayBeAbsent)
    {
        lock (_pipes)
        {
            if (_pipes.TryGetValue(path.Path, out var known))
            {
                return known;
            }

            var file = HostFileReader.ReadNamed(path.Path, AuthFileReader.MaxSize);
            if (!file.IsRead)
            {
                return file.State == HostFileState.Absent && (mayBeAbsent || (path.IsInNamedDirectory && HasDirectory(path.Path))) ? null : throw Unreadable(path, file.Cause!);
            }

            var opened = Opened(file);
            if (file.Status.Kind != FileKind.Regular)
            {
                _pipes.Add(path.Path, opened);
            }

            return opened;
        }
    }

    private static AuthFile Opened(HostFile file) => new(file.Path, file.Content, (file.Status.Permissions & 0b000_110_110) != 0);

    private static bool HasDirectory(string path) => Directory.Exists(System.IO.Path.GetDirectoryName(path)) && !File.Exists(path);

    private static RegistryException Unreadable(AuthFilePath path, string cause) => new(
        $"{AuthFileReader.Failure(path.Path)}: {cause}",
        path.IsInNamedDirectory ? $"{path.NamedBy} names its directory: make it, or unset the variable" : $"{path.NamedBy} names it: correct the path, or make the file with 'orca login'");
}
