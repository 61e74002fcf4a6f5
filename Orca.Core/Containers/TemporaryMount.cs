using System.Globalization;
using Orca.Core.Errors;

namespace Orca.Core.Containers;

/// <summary>An empty file system in memory at a path inside, gone with the run.</summary>
/// <remarks>Without other words: 1777, no set-uid programs, no devices, no programs at all, and no limit but half the memory (tmpfs(5)); as in Docker.</remarks>
/// <param name="Destination">Absolute path inside.</param>
public sealed record TemporaryMount(string Destination)
{
    /// <summary>1777, as of /tmp.</summary>
    public const uint DefaultMode = 0b001_111_111_111;

    private const uint MaxMode = 0b111_111_111_111;

    /// <summary>The most it may hold, in bytes; null leaves it to the kernel.</summary>
    public long? Size { get; init; }

    /// <summary>Permissions of the directory.</summary>
    public uint Mode { get; init; } = DefaultMode;

    /// <summary>True: nothing can be written.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>True: programs in it can be executed.</summary>
    public bool Executable { get; init; }

    /// <summary>True: set-uid programs in it count, where they do anywhere in the container.</summary>
    public bool SetUid { get; init; }

    /// <summary>The id inside that it belongs to; the command's when null.</summary>
    public uint? Uid { get; init; }

    /// <summary>The group inside that it belongs to; the command's when null.</summary>
    public uint? Gid { get; init; }

    /// <summary>Further options of tmpfs(5) for the kernel, such as <c>nr_inodes=1000</c>, separated by commas.</summary>
    public string Others { get; init; } = string.Empty;

    /// <summary>Reads <c>DESTINATION[:OPTION,...]</c>, the value of Docker's <c>--tmpfs</c>.</summary>
    /// <exception cref="ReferenceException">The path is not absolute, or an option is unknown.</exception>
    public static TemporaryMount Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var mount = new TemporaryMount(MountPath.Check(text, colon < 0 ? text : text[..colon]));
        foreach (var option in colon < 0 || colon == text.Length - 1 ? [] : text[(colon + 1)..].Split(','))
        {
            mount = mount.With(text, option);
        }

        return mount;
    }

    /// <summary>Reads a size for the mount.</summary>
    /// <exception cref="ReferenceException">It is no size.</exception>
    public static long ParseSize(string text, string value) =>
        ByteSize.TryParse(value, out var size) ? size : throw MountPath.Wrong(text, $"'{Quoted.Text(value)}' is no size such as 64m");

    /// <summary>Reads permissions in octal.</summary>
    /// <exception cref="ReferenceException">They are none.</exception>
    public static uint ParseMode(string text, string value)
    {
        var mode = 0u;
        foreach (var digit in value)
        {
            mode = digit is >= '0' and <= '7' && mode <= MaxMode ? (mode * 8) + digit - '0' : uint.MaxValue;
        }

        return value.Length > 0 && mode <= MaxMode ? mode : throw MountPath.Wrong(text, $"'{Quoted.Text(value)}' is no mode such as 1777");
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Destination}:mode={Convert.ToString(Mode, 8)}")
        + Text("size", Size) + Text("uid", Uid) + Text("gid", Gid)
        + (ReadOnly ? ",ro" : string.Empty) + (Executable ? ",exec" : string.Empty) + (SetUid ? ",suid" : string.Empty) + (Others.Length > 0 ? "," + Others : string.Empty);

    /// <summary>The mount with one more option of Docker's or podman's <c>--tmpfs</c>.</summary>
    /// <exception cref="ReferenceException">It is unknown, or cannot be done without root.</exception>
    public TemporaryMount With(string text, string option)
    {
        var equals = option.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (option, string.Empty) : (option[..equals], option[(equals + 1)..]);
        return name switch
        {
            "size" when IsOfKernel(value) => this with { Others = Add(option) }, // a part of the memory, or no limit
            "size" => this with { Size = ParseSize(text, value) },
            "mode" => this with { Mode = ParseMode(text, value) },
            "uid" => this with { Uid = ParseId(text, value) },
            "gid" => this with { Gid = ParseId(text, value) },
            "nr_inodes" or "nr_blocks" => IsCount(value) ? this with { Others = Add(option) } : throw MountPath.Wrong(text, $"'{Quoted.Text(value)}' is not a number such as 1000 or 4k"),
            "huge" or "mpol" when value.Length > 0 && !value.AsSpan().ContainsAny(":\\ \n") => this with { Others = Add(option) },
            _ => value.Length > 0 ? throw Unknown(text, option) : WithWord(text, name),
        };
    }

    private TemporaryMount WithWord(string text, string word) => word switch
    {
        "ro" => this with { ReadOnly = true },
        "rw" => this with { ReadOnly = false },
        "exec" => this with { Executable = true },
        "noexec" => this with { Executable = false },
        "suid" => this with { SetUid = true },
        "nosuid" => this with { SetUid = false },
        "nodev" or "dev" or "private" or "rprivate" or "U" or "notmpcopyup" => this, // what it is anyway: nobody without root makes a device that can be opened
        "defaults" or "async" or "sync" or "dirsync" or "nomand" or "atime" or "noatime" or "diratime" or "nodiratime" or "relatime" or "norelatime"
            or "strictatime" or "nostrictatime" => this, // how a disk is written: memory is none
        "noswap" => throw MountPath.Wrong(text, "without root nothing can be kept from the swap", "leave 'noswap' out"),
        "tmpcopyup" => throw MountPath.Wrong(text, "it begins empty, as in Docker; what the image has there is not copied", "leave 'tmpcopyup' out, and copy what is needed when the container starts"),
        _ when MountPath.IsPropagation(word) => throw MountPath.Propagation(text, word, $"leave '{word}' out"),
        _ => throw Unknown(text, word),
    };

    private static ReferenceException Unknown(string text, string option) =>
        MountPath.Wrong(text, $"'{Quoted.Text(option)}' is none of ro, rw, exec, noexec, suid, nosuid, size=, mode=, uid=, gid=, nr_inodes=, nr_blocks=");

    private static string Text(string name, long? value) => value is { } number ? string.Create(CultureInfo.InvariantCulture, $",{name}={number}") : string.Empty;

    private string Add(string option) => Others.Length == 0 ? option : $"{Others},{option}";

    private static uint ParseId(string text, string value) => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id <= int.MaxValue
        ? id : throw MountPath.Wrong(text, $"'{Quoted.Text(value)}' is not an id such as 1000", "an id is a number: names are known inside only");

    /// <summary>What tmpfs(5) knows and no number of bytes says: <c>50%</c>, and 0 for no limit.</summary>
    private static bool IsOfKernel(string value) => value == "0" || (value is [.. var digits, '%'] && IsDigits(digits));

    private static bool IsCount(string value) => IsDigits(value) || (value is [.. var digits, var unit] && IsDigits(digits) && "kmgKMG".Contains(unit, StringComparison.Ordinal));

    private static bool IsDigits(string text) => text.Length is > 0 and < 19 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');
}
