using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Parsing;

/// <summary>Reads what <c>--device</c> says: <c>SOURCE[:DESTINATION][:PERMISSIONS]</c>, a device node or a directory of them.</summary>
/// <remarks>The container may do with a device what the caller may; nothing in reach of an ordinary user can take away less than all of it.</remarks>
internal static class DeviceReader
{
    private const string Example = "for example '--device /dev/fuse'";

    /// <summary>The device as a mount.</summary>
    /// <exception cref="ReferenceException">The text is not of that form, or there is no such device.</exception>
    public static BindMount Read(string text)
    {
        var parts = text.Split(':');
        var source = parts[0];
        var hasPermissions = parts.Length > 1 && !parts[^1].StartsWith('/');
        var (destination, count) = (parts.Length > (hasPermissions ? 2 : 1) ? parts[1] : source, parts.Length - (hasPermissions ? 1 : 0));
        if (count > 2 || !source.StartsWith('/'))
        {
            throw Wrong(text, "it is not SOURCE[:DESTINATION][:PERMISSIONS] with absolute paths");
        }

        if (hasPermissions && (parts[^1].Length == 0 || parts[^1].AsSpan().ContainsAnyExcept("rwm")))
        {
            throw Wrong(text, $"'{Quoted.Text(parts[^1])}' is no permission made of r, w and m");
        }

        if (hasPermissions && !(parts[^1].Contains('r', StringComparison.Ordinal) && parts[^1].Contains('w', StringComparison.Ordinal)))
        {
            throw new ReferenceException(
                $"cannot pass device '{Quoted.Text(text)}': without root, reading or writing alone cannot be taken away", "the container may do with it what you may; leave the permissions out");
        }

        RequireDevice(text, source);
        return new BindMount(source, MountPath.Check(text, destination), ReadOnly: false);
    }

    private static void RequireDevice(string text, string source)
    {
        const int pathOnly = 0x200000; // O_PATH
        var error = FileSystem.TryOpen(null, PathZ.From(NativeText.Encode(source)), pathOnly, out var fd);
        using (fd)
        {
            if (error != Errno.None || FileSystem.Status(fd!).Kind is not (FileKind.CharDevice or FileKind.BlockDevice or FileKind.Directory))
            {
                throw Wrong(text, error == Errno.None ? "it is no device" : error.Describe());
            }
        }
    }

    private static ReferenceException Wrong(string text, string problem) => new($"cannot pass device '{Quoted.Text(text)}': {problem}", Example);
}
