namespace Orca.Tests.EndToEnd.Hints;

/// <summary>Hints about programs that the image or the machine cannot run, and about archives that orca does not read.</summary>
internal static partial class HintCases
{
    /// <summary>The loader of the programs of this machine, and two of the same length that busybox's image lacks as well.</summary>
    private const string Loader = "/lib64/ld-linux-x86-64.so.2", Musl = @"/lib/ld-musl-x86_64.so.1\x00\x00\x00", Unknown = "/lib64/ld-other-x86-64.so.2";

    private const string OfOtherMachine = "printf '\\267\\000' | dd bs=1 seek=18 conv=notrunc 2>&1 of="; // e_machine is EM_AARCH64

    private static IEnumerable<HintCase> Programs() =>
    [
        new("the file is missing in the image, or the interpreter or loader that it names is", "orca run $busybox /none") { Follow = "orca run $busybox /bin/true", After = "true" },
        Foreign("use a program built for Linux", "printf 'MZ\\220\\000' > foreign"),
        Foreign("use another command", "printf 'a\\000b' > foreign"),
        Foreign("it was built for glibc, as in Debian and Fedora: run it in an image with glibc of that architecture, or use a build for musl or a static one", "cp -L /bin/ls foreign"),
        Foreign("it was built for musl, as in Alpine: run it in an image with musl, or use a build for glibc or a static one", $"sed 's#{Loader}#{Musl}#' /bin/ls > foreign"),
        Foreign("install what the loader belongs to in the image, or use a static build", $"sed 's#{Loader}#{Unknown}#' /bin/ls > foreign"),
        Foreign("the image says that it is for {}: use another tag, or a build of this program for {}", $"cp /bin/busybox foreign; {OfOtherMachine}foreign"),
        new("fetch the image for this machine: orca pull --platform {} {}", "orca --root ./p1 run $busybox /bin/sh -c true")
            { Before = $"mkdir -p other/bin && cp /bin/busybox other/bin/sh && {OfOtherMachine}other/bin/sh; orca --root ./p1 import -q --platform linux/arm64 other $busybox" },
    ];

    private static IEnumerable<HintCase> ForeignArchives() =>
    [
        new("unpack it, and give what comes out instead: {} -dc {} > {}", "orca import packed.tar.lz4 packed:1") { Before = Packed("lz4"), After = "orca import -q packed.tar packed:1" },
        new("unpack it on its way: ... | {} -dc | orca ... -", "orca import - packed:2 < packed.tar.lz4") { Before = Packed("lz4"), Follow = "lz4 -dc < packed.tar.lz4 | orca import -q - packed:2", After = "true" },
        new("compress it again with a smaller one, for instance '{} -9'", "orca import packed.tar.xz packed:3")
            { Before = Packed("xz", " --lzma2=preset=0,dict=256MiB"), Follow = "xz -dc packed.tar.xz | eval \"$2\" > smaller.tar.xz", After = "orca import -q smaller.tar.xz packed:3" },
    ];

    /// <summary>A file that does not run, in the place of which one that does is mounted.</summary>
    private static HintCase Foreign(string hint, string make) => new(hint, "orca run -v ./foreign:/foreign/busybox $busybox /foreign/busybox true")
    { Before = $"rm -f foreign; {make}; chmod 755 foreign", Follow = "cp --remove-destination /bin/busybox foreign" };

    private static string Packed(string program, string options = "") => $"mkdir -p packed && echo x > packed/file && tar cf - packed | {program}{options} > packed.tar.{program}";
}
