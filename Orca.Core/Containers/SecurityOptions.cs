using System.Text.Json;

namespace Orca.Core.Containers;

/// <summary>How a run differs from the default sandbox. Null and empty mean: as the default.</summary>
public sealed record SecurityOptions
{
    /// <summary>A policy that forbids nothing, for <see cref="Seccomp"/>.</summary>
    public const string Unconfined = "unconfined";

    private static readonly SecurityOptions s_default = new();

    internal const string Field = "security";

    /// <summary>Capabilities beyond Docker's default ones, by name, with or without <c>CAP_</c>; <c>ALL</c> for all.</summary>
    public IReadOnlyList<string> AddCapabilities { get; init; } = [];

    /// <summary>Capabilities to take away, likewise.</summary>
    public IReadOnlyList<string> DropCapabilities { get; init; } = [];

    /// <summary>All capabilities of the user namespace, no policy for system calls, nothing of /proc and /sys hidden. It makes nobody root on the host.</summary>
    public bool? Privileged { get; init; }

    /// <summary>Which system calls are allowed: absolute path of a policy in Docker's JSON format, or <see cref="Unconfined"/>.</summary>
    public string? Seccomp { get; init; }

    /// <summary>The policy itself, where <see cref="Seccomp"/> names a pipe: that can be read once, and a kept container needs the policy again. Null where the file is read at each run.</summary>
    public string? SeccompPolicy { get; init; }

    /// <summary>True: nothing of /proc and /sys is hidden or made read-only (<c>systempaths=unconfined</c>).</summary>
    public bool? ShowSystemPaths { get; init; }

    /// <summary>True: no exec gains rights, by set-uid or file capabilities. Null means so where there is one id, and not so with <see cref="UserNamespaceMode.SubIds"/>, as in Docker.</summary>
    public bool? NoNewPrivileges { get; init; }

    /// <summary>Which ids are there inside. A kept container stays with the one it was made with.</summary>
    public UserNamespaceMode? UserNamespace { get; init; }

    /// <summary>Returns these options where <paramref name="later"/> does not say otherwise; capabilities add up.</summary>
    public SecurityOptions OverriddenBy(SecurityOptions later) => new()
    {
        AddCapabilities = [.. AddCapabilities, .. later.AddCapabilities],
        DropCapabilities = [.. DropCapabilities, .. later.DropCapabilities],
        Privileged = later.Privileged ?? Privileged,
        Seccomp = later.Seccomp ?? Seccomp,
        SeccompPolicy = later.Seccomp is null ? SeccompPolicy : later.SeccompPolicy,
        ShowSystemPaths = later.ShowSystemPaths ?? ShowSystemPaths,
        NoNewPrivileges = later.NoNewPrivileges ?? NoNewPrivileges,
        UserNamespace = later.UserNamespace ?? UserNamespace,
    };

    /// <summary>Writes them as an object of their own, if any is asked for.</summary>
    internal void Write(Utf8JsonWriter writer)
    {
        if (Equals(s_default))
        {
            return;
        }

        writer.WriteStartObject(Field);
        writer.WriteField("capAdd"u8, AddCapabilities);
        writer.WriteField("capDrop"u8, DropCapabilities);
        writer.WriteField("privileged"u8, Privileged);
        writer.WriteField("seccomp"u8, Seccomp);
        writer.WriteField("seccompPolicy"u8, SeccompPolicy);
        writer.WriteField("showSystemPaths"u8, ShowSystemPaths);
        writer.WriteField("noNewPrivileges"u8, NoNewPrivileges);
        writer.WriteField("userns"u8, UserNamespace?.Word());
        writer.WriteEndObject();
    }

    /// <exception cref="FormatException">One is not known to this orca: leaving it out could open what was closed.</exception>
    internal static SecurityOptions Read(ref Utf8JsonReader reader)
    {
        var options = s_default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            options = field switch
            {
                "capAdd" => options with { AddCapabilities = reader.ReadTexts() },
                "capDrop" => options with { DropCapabilities = reader.ReadTexts() },
                "privileged" => options with { Privileged = reader.GetBoolean() },
                "seccomp" => options with { Seccomp = reader.ReadText() },
                "seccompPolicy" => options with { SeccompPolicy = reader.ReadText() },
                "showSystemPaths" => options with { ShowSystemPaths = reader.GetBoolean() },
                "noNewPrivileges" => options with { NoNewPrivileges = reader.GetBoolean() },
                "userns" => options with { UserNamespace = UserNamespaceWords.Find(reader.GetString()!) ?? throw new FormatException("a mode that this orca does not know") },
                _ => throw new FormatException("a restriction that this orca does not know"),
            };
        }

        return options;
    }
}

/// <summary>Which ids a container has.</summary>
public enum UserNamespaceMode
{
    /// <summary>One: the command's user, which is the caller on the host. Nobody has to set up anything for it.</summary>
    Auto,

    /// <summary>One, and it has the caller's number inside too; the command runs as it unless another user is asked for.</summary>
    KeepId,

    /// <summary>Many: the caller is root inside, and the ids above are the caller's subordinate ones (subuid(5)). Owners that the container sets are real.</summary>
    SubIds,

    /// <summary>All, each as it is: the container stays in the user namespace of its caller, who must be root. For others this is <see cref="Auto"/>.</summary>
    Host,
}

/// <summary>The words for <see cref="UserNamespaceMode"/> on command lines and in records.</summary>
public static class UserNamespaceWords
{
    private static readonly (UserNamespaceMode Mode, string Word)[] s_words =
        [(UserNamespaceMode.Auto, "auto"), (UserNamespaceMode.SubIds, "subids"), (UserNamespaceMode.KeepId, "keep-id"), (UserNamespaceMode.Host, "host")];

    /// <summary>True where the container has no id but one, so that changing owners and users can only be answered, not done.</summary>
    public static bool HasOneId(this UserNamespaceMode mode) => mode is UserNamespaceMode.Auto or UserNamespaceMode.KeepId;

    /// <summary>All words, as a message lists them.</summary>
    public static string All => string.Join(", ", s_words.Select(pair => pair.Word));

    /// <summary>The word.</summary>
    public static string Word(this UserNamespaceMode mode) => Array.Find(s_words, pair => pair.Mode == mode).Word;

    /// <summary>The mode of a word; null when there is none.</summary>
    public static UserNamespaceMode? Find(string word)
    {
        foreach (var (mode, known) in s_words)
        {
            if (known == word)
            {
                return mode;
            }
        }

        return null;
    }
}
