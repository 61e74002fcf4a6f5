using System.Globalization;
using Orca.Core.Errors;

namespace Orca.Core.Sandbox;

/// <summary>A limit of the command's process and its children (getrlimit(2)).</summary>
/// <param name="Resource">What is limited.</param>
/// <param name="Soft">The limit in force; <see cref="Unlimited"/> for none.</param>
/// <param name="Hard">How far the command may raise it.</param>
public readonly record struct ResourceLimit(ProcessResource Resource, ulong Soft, ulong Hard)
{
    /// <summary>No limit (RLIM_INFINITY).</summary>
    public const ulong Unlimited = ulong.MaxValue;

    private static readonly string[] s_names =
    [
        "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime",
    ];

    /// <summary>Reads <c>NAME=SOFT[:HARD]</c>, the value of Docker's <c>--ulimit</c>; -1 and <c>unlimited</c> mean none.</summary>
    /// <exception cref="ReferenceException">The name is unknown, a number is none, or the soft limit is above the hard one.</exception>
    public static ResourceLimit Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        var resource = Array.IndexOf(s_names, name);
        if (equals < 0 || resource < 0)
        {
            throw Wrong(text, equals < 0 ? "it is not NAME=SOFT[:HARD]" : $"'{Quoted.Text(name)}' is no resource");
        }

        var values = text[(equals + 1)..].Split(':');
        var soft = Number(text, values[0]);
        var hard = values.Length == 1 ? soft : Number(text, values[1]);
        return values.Length > 2 ? throw Wrong(text, "it is not NAME=SOFT[:HARD]")
            : soft > hard ? throw Wrong(text, "the soft limit is above the hard one")
            : new ResourceLimit((ProcessResource)resource, soft, hard);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => $"{Name}={Text(Soft)}:{Text(Hard)}";

    /// <summary>The resource's name in lower case.</summary>
    public string Name => s_names[(int)Resource];

    /// <summary>A limit's value as text.</summary>
    public static string Text(ulong value) => value == Unlimited ? "unlimited" : value.ToString(CultureInfo.InvariantCulture);

    private static ulong Number(string text, string value) => value is "-1" or "unlimited" ? Unlimited
        : ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue ? number
        : throw Wrong(text, $"'{Quoted.Text(value)}' is no number");

    private static ReferenceException Wrong(string text, string problem) =>
        new($"cannot use limit '{Quoted.Text(text)}': {problem}", "for example '--ulimit nofile=1024:4096'; resources are " + string.Join(", ", s_names));
}

/// <summary>What a <see cref="ResourceLimit"/> is of; the values are the kernel's (asm-generic/resource.h), the names Docker's.</summary>
public enum ProcessResource
{
    /// <summary>Seconds of processor time.</summary>
    Cpu = 0,

    /// <summary>Bytes of a file that is written.</summary>
    Fsize = 1,

    /// <summary>Bytes of data.</summary>
    Data = 2,

    /// <summary>Bytes of stack.</summary>
    Stack = 3,

    /// <summary>Bytes of a core file.</summary>
    Core = 4,

    /// <summary>Without effect in Linux.</summary>
    Rss = 5,

    /// <summary>Processes of the same user.</summary>
    Nproc = 6,

    /// <summary>Open files.</summary>
    Nofile = 7,

    /// <summary>Bytes of locked memory.</summary>
    Memlock = 8,

    /// <summary>Bytes of address space.</summary>
    As = 9,

    /// <summary>Without effect in Linux.</summary>
    Locks = 10,

    /// <summary>Queued signals.</summary>
    Sigpending = 11,

    /// <summary>Bytes in message queues.</summary>
    Msgqueue = 12,

    /// <summary>20 less the lowest nice value.</summary>
    Nice = 13,

    /// <summary>Real-time priority.</summary>
    Rtprio = 14,

    /// <summary>Microseconds of real-time work without a pause.</summary>
    Rttime = 15,
}
