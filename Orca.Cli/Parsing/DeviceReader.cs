using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Parsing;

/// <summary>Reads what <c>--device</c> says: <c>SOURCE[:DESTINATION][:PERMISSIONS]</c>, a device node or a directory of them.</summary>
/// <remarks>The container may do with a device what the caller may; nothing in reach of an ordinary user can take away less than all of it.</remarks>
internal static class DeviceReader
{
    private const int MaxDepth = 3; // /dev/bus/usb/001/001
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
        if (MountSource.Problem(source, out var kind) is { } problem)
        {
            throw Wrong(text, problem.Cause);
        }

        if (kind == FileKind.Directory)
        {
            if (!HasDevice(source, MaxDepth))
            {
                throw new ReferenceException(
                    $"cannot pass device '{Quoted.Text(text)}': it is a directory without devices", ShellWords.Join("-v", $"{source}:{source}") is { } option ? $"to show a directory inside: {option}" : null);
            }
        }
        else if (kind is not (FileKind.CharDevice or FileKind.BlockDevice))
        {
            throw Wrong(text, "it is no device");
        }
    }

    /// <summary>As in Docker and podman, which take a directory for the devices in it and below; links are none.</summary>
    private static bool HasDevice(string directory, int depth)
    {
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(directory))
            {
                if (FileSystem.TryStatus(null, PathZ.From(NativeText.Encode(path)), out var status) == Errno.None
                    && (status.Kind is FileKind.CharDevice or FileKind.BlockDevice || (status.IsDirectory && depth > 0 && HasDevice(path, depth - 1))))
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static ReferenceException Wrong(string text, string problem) => new($"cannot pass device '{Quoted.Text(text)}': {problem}", Example);
}
