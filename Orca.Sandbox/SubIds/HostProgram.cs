using System.Text;
using Orca.Core.Linux;
using Orca.Sandbox.Launch;

namespace Orca.Sandbox.SubIds;

/// <summary>Runs small programs of the host that print a few lines, in the places where distributions have them and with no variable of the caller's.</summary>
internal static unsafe class HostProgram
{
    private const int MaxOutput = 32 << 10; // a pipe holds 64 kB: nobody waits for a reader

    /// <summary>Where NixOS keeps set-uid programs comes first: the others have none there.</summary>
    private static readonly string[] s_directories = ["/run/wrappers/bin/", "/usr/bin/", "/bin/", "/usr/sbin/", "/usr/local/bin/"];

    /// <summary>The program's path; null when it is not there.</summary>
    internal static string? Find(string name)
    {
        foreach (var directory in s_directories)
        {
            if (FileSystem.TryStatus(null, PathZ.From(directory + name), out var status) == Errno.None && status.Kind == FileKind.Regular)
            {
                return directory + name;
            }
        }

        return null;
    }

    /// <summary>Runs it to its end.</summary>
    internal static (int Status, string Output) Run(string path, params IEnumerable<string> arguments)
    {
        var (reader, writer) = Kernel.OpenPipe();
        using (reader)
        {
            int status;
            using (writer)
            {
                status = Run([path, .. arguments], ["PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C"], writer.Number);
            }

            return (status, Encoding.UTF8.GetString(FileSystem.ReadAll(reader, MaxOutput)).Trim());
        }
    }

    private static int Run(List<string> arguments, string[] environment, int output)
    {
        var status = -1;
        ProcessImage.Become([.. arguments.Select(NativeText.Encode)], [.. environment.Select(NativeText.Encode)], (words, variables) =>
            status = ChildLibrary.Run(*(byte**)words, (byte**)words, (byte**)variables, output, output));
        return status;
    }
}
