using System.Buffers.Binary;
using Orca.Core.Images;

namespace Orca.Core.Containers;

/// <summary>Chooses the locale that a container's programs get when nobody says one: the caller's, as far as the container has it.</summary>
/// <remarks>
/// A locale that is not there makes programs complain and fall back to ASCII (setlocale(3)). C.UTF-8 is part of glibc since 2.35 and of Debian's before,
/// and musl takes any name. Where the caller has none, or C, nothing is looked at.
/// </remarks>
internal static class LocaleProbe
{
    /// <summary>What stands for all that the container lacks.</summary>
    internal const string Fallback = "C.UTF-8";

    private const string Locales = "/usr/lib/locale/";
    private const string SmallestFile = "/LC_MEASUREMENT"; // every locale's directory has it, and it is some twenty bytes
    private const int MaxArchive = 1 << 20; // the tables of names come first; the locales behind them can be hundreds of megabytes
    private const uint ArchiveMagic = 0xde020109;

    /// <summary>The value for LANG; null to set none.</summary>
    internal static string? Look(ImageConfig image, ContainerFileReader files, RunOptions run, Func<string, string?> variable)
    {
        var wanted = variable("LC_ALL") is { Length: > 0 } all ? all : variable("LANG");
        return wanted is null or "" or "C" or "POSIX" || IsSaid(image, run) ? null : Has(files, Normal(wanted)) ? wanted : Fallback;
    }

    private static bool IsSaid(ImageConfig image, RunOptions run) => image.Env.Any(Says) || run.Process.Env.Any(Says);

    private static bool Says(string variable) => variable.StartsWith("LANG=", StringComparison.Ordinal) || variable.StartsWith("LC_ALL=", StringComparison.Ordinal);

    /// <summary>As the C library names a locale's directory: the codeset in small letters and digits. Null for what is no name.</summary>
    private static string? Normal(string locale)
    {
        if (locale.Length > 64 || locale[0] == '.' || !locale.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '@' or '-'))
        {
            return null;
        }

        var dot = locale.IndexOf('.', StringComparison.Ordinal);
        var at = locale.IndexOf('@', StringComparison.Ordinal);
        var end = at < 0 ? locale.Length : at;
        return dot < 0 || dot > end ? locale
            : locale[..dot] + "." + string.Concat(locale[(dot + 1)..end].Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant() + locale[end..];
    }

    private static bool Has(ContainerFileReader files, string? name)
    {
        if (name is null or "C.utf8")
        {
            return false; // the fallback is the same
        }

        return files.Exists(Locales + name + SmallestFile)
            || (files.ReadStart(Locales + "locale-archive", MaxArchive, "LANG is " + Fallback) is { } archive && Lists(archive, System.Text.Encoding.ASCII.GetBytes($"\0{name}\0")));
    }

    /// <summary>True when the names in the archive (glibc's locarchive.h: struct locarhead, then tables) have this one between two NULs.</summary>
    private static bool Lists(ReadOnlySpan<byte> archive, ReadOnlySpan<byte> name)
    {
        const int head = 32; // magic, serial; offset, used, size of the hashes; offset, used, size of the names
        if (archive.Length < head || BinaryPrimitives.ReadUInt32LittleEndian(archive) != ArchiveMagic)
        {
            return false;
        }

        var (offset, used) = (BinaryPrimitives.ReadUInt32LittleEndian(archive[20..]), BinaryPrimitives.ReadUInt32LittleEndian(archive[24..]));
        return offset < archive.Length && used <= archive.Length - offset
            && (archive.Slice((int)offset, (int)used).StartsWith(name[1..]) || archive.Slice((int)offset, (int)used).IndexOf(name) >= 0);
    }
}
