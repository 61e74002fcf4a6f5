using System.Globalization;
using Orca.Core.Errors;

namespace Orca.Core.Containers;

/// <summary>An empty file system in memory at a path inside, gone with the run.</summary>
/// <remarks>Without other words: 1777, no set-uid programs, no devices, no programs at all, and no limit but half the memory (tmpfs(5)); as in Docker.</remarks>
/// <param name="Destination">Absolute path inside.</param>
public sealed record TemporaryMount(string Destination)
{
    private const uint DefaultMode = 0b001_111_111_111; // 1777
    private const uint MaxMode = 0b111_111_111_111;

    /// <summary>The most it may hold, in bytes; null leaves it to the kernel.</summary>
    public long? Size { get; init; }

    /// <summary>Permissions of the directory.</summary>
    public uint Mode { get; init; } = DefaultMode;

    /// <summary>True: nothing can be written.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>True: programs in it can be executed.</summary>
    public bool Executable { get; init; }

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
    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Destination}:mode={Convert.ToString(Mode, 8)}");
        text += Size is { } size ? string.Create(CultureInfo.InvariantCulture, $",size={size}") : string.Empty;
        return text + (ReadOnly ? ",ro" : string.Empty) + (Executable ? ",exec" : string.Empty) + (Others.Length > 0 ? "," + Others : string.Empty);
    }

    private TemporaryMount With(string text, string option)
    {
        var equals = option.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = equals < 0 ? (option, string.Empty) : (option[..equals], option[(equals + 1)..]);
        return name switch
        {
            "size" => this with { Size = ParseSize(text, value) },
            "mode" => this with { Mode = ParseMode(text, value) },
            "nr_inodes" or "nr_blocks" or "uid" or "gid" or "huge" when value.Length > 0 && !value.AsSpan().ContainsAny(":\\ \n") =>
                this with { Others = Others.Length == 0 ? option : $"{Others},{option}" },
            "ro" => this with { ReadOnly = true },
            "rw" => this with { ReadOnly = false },
            "exec" => this with { Executable = true },
            "noexec" => this with { Executable = false },
            "nosuid" or "nodev" or "private" or "rprivate" => this, // it always is
            _ => throw MountPath.Wrong(text, $"'{Quoted.Text(option)}' is none of ro, rw, exec, noexec, size=, mode=, uid=, gid=, nr_inodes="),
        };
    }
}
