using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.References;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Archives;

/// <summary>
/// Recognises a saved image that is not where it is looked for: below a directory that was packed with it, unpacked, or without the file that marks a layout. It would be
/// taken for the tree of a root file system, whose files are blobs.
/// </summary>
internal static class MisplacedImage
{
    private const string WithoutMark = "it is an OCI layout without its file 'oci-layout'";
    private const string Mark = """printf '{"imageLayoutVersion":"1.0.0"}'""";

    private enum Shape
    {
        None,
        Docker,
        Oci,
        OciWithoutMark,
    }

    /// <summary>Refuses an archive that is an image all the same.</summary>
    internal static void RequireTree(TarIndex index, ImageLocation location, string failure)
    {
        if (Of(index.Names) == Shape.OciWithoutMark)
        {
            throw Refuse(failure, WithoutMark, Unpack(location, "\"$d\"", Shape.OciWithoutMark));
        }

        if (index.Folder is { } folder && Of(Below(index.Names, folder + "/")) is not Shape.None and var shape)
        {
            throw Refuse(failure, Describe(shape, folder), ShellWords.Join(folder) is { } name ? Unpack(location, $"\"$d\"/{name}", shape) : null);
        }
    }

    /// <summary>Refuses a directory that is an image all the same.</summary>
    internal static void RequireTree(Fd directory, ImageLocation location, string failure)
    {
        var names = ListSome(directory);
        var path = PathOf(location);
        if (OfDirectory(directory, names) is not Shape.None and var shape)
        {
            throw Refuse(failure, shape == Shape.Docker ? "it is an unpacked archive of Docker" : WithoutMark, Restore(shape, ShellWords.Join(path)));
        }

        using var inner = OpenOnly(directory, names);
        if (inner is not null && OfDirectory(inner, ListSome(inner)) is not Shape.None and var below)
        {
            var folder = NativeText.Decode(names[0]);
            throw Refuse(failure, Describe(below, folder), Restore(below, ShellWords.Join($"{path.TrimEnd('/')}/{folder}")));
        }
    }

    /// <summary>Says that the root of an archive's tree is one directory too deep; null when it is not. It may be meant so, and is taken.</summary>
    internal static string? NoteRoot(TarIndex index) =>
        index.Folder is { } folder ? NoteRoot(folder, Below(index.Names, folder + "/").Select(static name => name.Split('/', 2)[0])) : null;

    /// <summary>As <see cref="NoteRoot(TarIndex)"/>, of a directory.</summary>
    internal static string? NoteRoot(Fd directory)
    {
        var names = ListSome(directory);
        using var inner = OpenOnly(directory, names);
        return inner is null ? null : NoteRoot(NativeText.Decode(names[0]), ListSome(inner).Select(static name => NativeText.Decode(name)));
    }

    /// <summary>The only thing in a directory, where that is a directory.</summary>
    private static Fd? OpenOnly(Fd directory, List<byte[]> names) =>
        names is [var only] && FileSystem.TryOpen(directory, PathZ.From(only), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, out var inner) == Errno.None ? inner : null;

    private static string? NoteRoot(string folder, IEnumerable<string> names) =>
        names.Where(static name => name is "bin" or "sbin" or "usr" or "etc" or "lib").Distinct().Count() > 1
            ? $"all of it is in '{Quoted.Text(folder)}/', which looks like a root file system; to make that the root, import that directory alone" : null;

    private static string Describe(Shape shape, string folder) =>
        $"it is a saved image one directory too deep: its {(shape == Shape.Docker ? "manifest.json" : "index.json")} is in '{Quoted.Text(folder)}/', not at the top";

    /// <summary>What loads an unpacked image, whatever it lacks.</summary>
    private static string? Restore(Shape shape, string? path) => shape switch
    {
        _ when path is null => null,
        Shape.Docker => $"tar -cf - -C {path} . | orca load -",
        Shape.OciWithoutMark => $"{Mark} > {path}/oci-layout && orca load {path}",
        _ => $"orca load {path}",
    };

    private static string? Unpack(ImageLocation location, string inside, Shape shape) =>
        !location.IsStandardInput && location.Transport != ImageTransport.Url && ShellWords.Join(PathOf(location)) is { } path ? $"d=$(mktemp -d) && tar -xf {path} -C \"$d\" && {Restore(shape, inside)}" : null;

    /// <summary>So that neither an option nor another machine's file is seen in it.</summary>
    private static string PathOf(ImageLocation location) => location.Path.StartsWith('/') || location.Path.StartsWith("./", StringComparison.Ordinal) ? location.Path : "./" + location.Path;

    private static ContentException Refuse(string failure, string cause, string? command) => new($"{failure}: {cause}", command is null ? null : $"load what is inside: {command}");

    private static Shape Of(IEnumerable<string> names)
    {
        var (hasManifest, hasMark, hasIndex, hasBlobs, hasDigests) = (false, false, false, false, false);
        foreach (var name in names)
        {
            hasManifest |= name == TarIndex.DockerManifest;
            hasMark |= name == TarIndex.OciLayout;
            hasIndex |= name == TarIndex.OciIndex;
            hasBlobs |= name.StartsWith("blobs/sha256/", StringComparison.Ordinal);
            hasDigests = hasDigests || HoldsDigest(name);
        }

        return hasMark && hasIndex ? Shape.Oci : hasManifest && hasDigests ? Shape.Docker : hasIndex && hasBlobs ? Shape.OciWithoutMark : Shape.None;
    }

    private static Shape OfDirectory(Fd directory, List<byte[]> names)
    {
        var hasBlobs = FileSystem.TryStatus(directory, PathZ.From("blobs/sha256"), out var status) == Errno.None && status.IsDirectory;
        return Of(names.Select(static name => NativeText.Decode(name)).Concat(hasBlobs ? [$"blobs/sha256/{new string('0', 64)}"] : []));
    }

    private static IEnumerable<string> Below(IEnumerable<string> names, string folder) =>
        names.Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Select(name => name[folder.Length..]);

    /// <summary>A directory of an image has few names at its top.</summary>
    private static List<byte[]> ListSome(Fd directory)
    {
        using var listing = FileSystem.Open(directory, PathZ.OfTerminated(".\0"u8), O_RDONLY | O_DIRECTORY);
        return [.. DirectoryReader.Read(listing).Take(4096).Select(static entry => entry.Name)];
    }

    /// <summary>Layers and configs are called by their digests, whatever stands around them.</summary>
    private static bool HoldsDigest(string name)
    {
        var run = 0;
        foreach (var letter in name)
        {
            run = char.IsAsciiHexDigitLower(letter) ? run + 1 : 0;
            if (run == 64)
            {
                return true;
            }
        }

        return false;
    }
}
