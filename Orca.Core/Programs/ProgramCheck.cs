using Orca.Core.Errors;
using Orca.Core.References;

namespace Orca.Core.Programs;

/// <summary>Finds out why a program does not run: looks at its first bytes, and at those of the interpreters and loaders that it names. Pure.</summary>
/// <param name="machine">What the kernel runs.</param>
/// <param name="image">The image's name and platform, for the hints.</param>
/// <param name="read">Reads at most so many first bytes of a path inside.</param>
internal sealed class ProgramCheck(ProgramMachine machine, (string Name, Platform Platform) image, Func<string, int, ProgramBytes> read)
{
    private const int StartSize = 64 << 10; // the headers, and what a linker puts right behind them
    private const int MaxWhole = 16 << 20;  // of a program whose table of sections, at its end, is asked for
    private const int MaxDepth = 5;         // the kernel's own limit of interpreters of interpreters

    /// <summary>The fault; null when none is found.</summary>
    /// <param name="path">The program, an absolute path inside.</param>
    internal ProgramFault? Explain(string path) => Explain(path, 0);

    private ProgramFault? Explain(string path, int depth)
    {
        if (depth == MaxDepth || read(path, StartSize).Start is not { } start)
        {
            return null;
        }

        return ElfHeader.IsElf(start) ? OfElf(path, start, depth)
            : start.AsSpan().StartsWith("#!"u8) ? OfScript(path, ScriptLine.Read(start), depth)
            : OfOther(path, start);
    }

    private ProgramFault? OfScript(string path, ScriptLine line, int depth)
    {
        if (line.EndsWithReturn)
        {
            return new ProgramFault(
                $"the first line of '{Quoted.Text(path)}' ends with a carriage return, which counts as a part of the interpreter's name",
                "save the script with Unix line ends: sed -i 's/\\r$//' SCRIPT");
        }

        if (line.Interpreter.Length == 0)
        {
            return new ProgramFault($"the first line of '{Quoted.Text(path)}' names no interpreter", "begin the script with '#!/bin/sh'");
        }

        var interpreter = line.Interpreter.StartsWith('/') ? line.Interpreter : string.Empty; // a relative one counts from the working directory
        return interpreter.Length > 0 && read(interpreter, 0).IsMissing
            ? new ProgramFault(
                $"the interpreter of the script '{Quoted.Text(path)}', '{Quoted.Text(interpreter)}', is missing in the image", "install it in the image, or begin the script with an interpreter that the image has, such as '#!/bin/sh'")
            : Explain(interpreter, depth + 1);
    }

    private ProgramFault? OfElf(string path, byte[] start, int depth)
    {
        if (ElfHeader.Read(start) is not { } header)
        {
            return new ProgramFault($"'{Quoted.Text(path)}' is a damaged or truncated program", "restore the file, or use another tag");
        }

        if (!Runs(header))
        {
            return new ProgramFault($"'{Quoted.Text(path)}' is a program for {Describe(path, header, start)}, and this kernel runs {Runnable()}", OtherMachine());
        }

        if (header.Loader is { } loader && loader.StartsWith('/') && read(loader, 0).IsMissing)
        {
            return new ProgramFault($"the loader of '{Quoted.Text(path)}', '{Quoted.Text(loader)}', is missing in the image", Loader(loader));
        }

        if (!header.FitsPages(machine.PageSize))
        {
            return new ProgramFault(
                $"'{Quoted.Text(path)}' ({Describe(path, header, start)}) has segments aligned to {ProgramMachine.Size(header.Alignment)}, and this kernel has pages of {ProgramMachine.Size((ulong)machine.PageSize)}",
                LargePages(machine))
            { StartsAndDies = true };
        }

        return header.Loader is { } next ? Explain(next, depth + 1) : null;
    }

    private static ProgramFault OfOther(string path, byte[] start)
    {
        var quoted = Quoted.Text(path);
        var text = start.AsSpan();
        return text.IsEmpty ? new ProgramFault($"'{quoted}' is empty", "restore the file, or use another tag")
            : text.StartsWith("\uFEFF#!"u8)
                ? new ProgramFault($"'{quoted}' begins with a byte order mark instead of '#!'", "save the script without it: tail -c +4 SCRIPT > NEW")
            : text.StartsWith("MZ"u8) ? new ProgramFault($"'{quoted}' is a program for Windows", "use a program built for Linux")
            : text.StartsWith((ReadOnlySpan<byte>)[0xCF, 0xFA, 0xED, 0xFE]) ? new ProgramFault($"'{quoted}' is a program for macOS", "use a program built for Linux")
            : text[..Math.Min(text.Length, 256)].Contains((byte)0) ? new ProgramFault($"'{quoted}' is neither a program nor a script", "use another command")
            : new ProgramFault($"'{quoted}' is a script without a '#!' line", "begin it with '#!/bin/sh', or run it by its interpreter: orca run IMAGE sh SCRIPT");
    }

    /// <summary>A kernel knows programs of its own architecture and width, and those that it was tried with.</summary>
    private bool Runs(ElfHeader header)
    {
        var platform = ElfPlatform.Of(header);
        return platform.IsKnown && machine.Runs(platform.Architecture);
    }

    private string Describe(string path, ElfHeader header, byte[] start)
    {
        if (header.Machine != ElfHeader.Arm)
        {
            return ElfPlatform.Of(header).ToString();
        }

        var end = header.Sections.End;
        var file = end > (ulong)start.Length && end <= MaxWhole ? read(path, (int)end).Start ?? start : start;
        return ElfPlatform.OfArm(header, ArmAttributes.Variant(header, file));
    }

    private string Runnable() => string.Join(" and ", new[] { machine.Platform }.Concat(machine.AlsoRuns).Select(static platform => $"{platform.Os}/{platform.Architecture}"));

    private string OtherMachine() => machine.Platform.Accepts(image.Platform)
        ? $"the image says that it is for {Quoted.Text(image.Platform.ToString())}: use another tag, or a build of this program for {machine.Platform}"
        : $"fetch the image for this machine: orca pull --platform {machine.Platform} {image.Name}";

    private static string Loader(string loader)
    {
        var name = loader[(loader.LastIndexOf('/') + 1)..];
        return name.StartsWith("ld-musl-", StringComparison.Ordinal) ? "it was built for musl, as in Alpine: run it in an image with musl, or use a build for glibc or a static one"
            : name.StartsWith("ld-linux", StringComparison.Ordinal) || name.StartsWith("ld64.so", StringComparison.Ordinal) || name is "ld.so.1"
                ? "it was built for glibc, as in Debian and Fedora: run it in an image with glibc of that architecture, or use a build for musl or a static one"
            : "install what the loader belongs to in the image, or use a static build";
    }

    /// <summary>What helps where programs were built for smaller pages.</summary>
    internal static string LargePages(ProgramMachine machine) => machine is { PageSize: 16 << 10, Platform.Architecture: "arm64" }
        ? "use another tag or --platform, built for larger pages, or boot a kernel with pages of 4 KB: on a Raspberry Pi 5 'kernel=kernel8.img' in config.txt"
        : "use another tag or --platform, built for larger pages, or boot a kernel with pages of 4 KB";
}
