using System.Net.Sockets;

namespace Orca.Tests.Fixtures;

/// <summary>What can be the matter with a file that is looked for.</summary>
internal enum FileCondition
{
    Absent,
    DanglingLink,
    ParentIsAFile,
    LinkLoop,
    Closed,
    ClosedParent,
    Directory,
    Socket,
    Pipe,
    LinkToNull,
    Empty,
    TooLarge,
}

/// <summary>Makes files in a <see cref="FileCondition"/>, below a directory that everybody may search.</summary>
internal static class FileConditions
{
    /// <summary>True where a note is due: the file is there, and is of no use.</summary>
    public static bool IsNoted(FileCondition condition) =>
        condition is FileCondition.LinkLoop or FileCondition.Closed or FileCondition.Directory or FileCondition.Socket or FileCondition.Pipe or FileCondition.TooLarge;

    /// <summary>A temporary directory that every user may search.</summary>
    public static string MakeRoot()
    {
        var root = Directory.CreateTempSubdirectory("orca-files-").FullName;
        File.SetUnixFileMode(root, Mode("755"));
        return root;
    }

    /// <summary>Removes it, whatever is closed in it.</summary>
    public static void Remove(string root)
    {
        foreach (var directory in Directory.GetDirectories(root, "*", SearchOption.TopDirectoryOnly))
        {
            if (new DirectoryInfo(directory).LinkTarget is null)
            {
                File.SetUnixFileMode(directory, Mode("755"));
                Remove(directory);
            }
        }

        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Brings a path into the condition.</summary>
    /// <param name="path">Where the file is looked for.</param>
    /// <param name="condition">What is the matter with it.</param>
    /// <param name="content">What a file that is only closed, empty or large would hold.</param>
    public static void Make(string path, FileCondition condition, string content)
    {
        var parent = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(condition == FileCondition.ParentIsAFile ? Path.GetDirectoryName(parent)! : parent);
        switch (condition)
        {
            case FileCondition.DanglingLink:
                File.CreateSymbolicLink(path, "nothing-here");
                break;
            case FileCondition.ParentIsAFile:
                File.WriteAllText(parent, "a file");
                break;
            case FileCondition.LinkLoop:
                File.CreateSymbolicLink(path, Path.GetFileName(path));
                break;
            case FileCondition.Closed:
                File.WriteAllText(path, content);
                File.SetUnixFileMode(path, UnixFileMode.None);
                break;
            case FileCondition.ClosedParent:
                File.WriteAllText(path, content);
                File.SetUnixFileMode(parent, Environment.IsPrivilegedProcess ? Mode("700") : UnixFileMode.None);
                break;
            case FileCondition.Directory:
                Directory.CreateDirectory(path);
                break;
            case FileCondition.Socket:
                using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
                {
                    socket.Bind(new UnixDomainSocketEndPoint(path)); // its name outlives it
                    File.Move(path, path + ".keep");
                }

                File.Move(path + ".keep", path);
                break;
            case FileCondition.Pipe:
                Orca.Core.Linux.FileSystem.TryMakeFifo(null, Orca.Core.Linux.PathZ.From(path), 0x1B6 /* 0666 */);
                break;
            case FileCondition.LinkToNull:
                File.CreateSymbolicLink(path, "/dev/null");
                break;
            case FileCondition.Empty:
                File.WriteAllText(path, "");
                break;
            case FileCondition.TooLarge:
                File.WriteAllText(path, content);
                using (var file = File.OpenWrite(path))
                {
                    file.SetLength(100L << 30); // a hole
                }

                break;
        }
    }

    public static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
}
