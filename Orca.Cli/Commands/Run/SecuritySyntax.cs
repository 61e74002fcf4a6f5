using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Host;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands.Run;

/// <summary>How a run's sandbox is typed to differ from the default one.</summary>
internal static class SecuritySyntax
{
    private const string NoNewPrivileges = "no-new-privileges", Seccomp = "seccomp", SystemPaths = "systempaths", Unconfined = SecurityOptions.Unconfined;

    public static readonly Option AddCapability = new(null, "cap-add", "CAPABILITY", "Allow more: a capability by name, or ALL");
    public static readonly Option DropCapability = new(null, "cap-drop", "CAPABILITY", "Allow less: a capability by name, or ALL");
    public static readonly Option Privileged = new(null, "privileged", null, "All capabilities of the container's own namespaces, no filter, nothing hidden");
    public static readonly Option Security = new(null, "security-opt", "NAME[=VALUE]", "seccomp=FILE|unconfined, no-new-privileges, systempaths=unconfined");
    public static readonly Option UserNamespace = new(null, "userns", "MODE", "Ids inside: 'auto' (one, yours), 'keep-id', 'subids' (and your sub-ids), 'host'");

    public static readonly Option[] Options = [AddCapability, DropCapability, Privileged, Security, UserNamespace];

    /// <summary>Returns what the command line says.</summary>
    /// <exception cref="ReferenceException">It cannot be understood, or asks for what orca does not do.</exception>
    public static SecurityOptions Read(ParsedArguments arguments)
    {
        if (!arguments.Any(Options))
        {
            return new SecurityOptions();
        }

        var options = new SecurityOptions
        {
            AddCapabilities = Capabilities(arguments, AddCapability),
            DropCapabilities = Capabilities(arguments, DropCapability),
            Privileged = arguments.Switch(Privileged),
            UserNamespace = arguments.Last(UserNamespace) is { } mode ? Mode(mode) : null,
        };
        foreach (var text in arguments.All(Security))
        {
            options = Read(text, options);
        }

        return options;
    }

    private static string[] Capabilities(ParsedArguments arguments, Option option)
    {
        var names = new List<string>();
        foreach (var text in arguments.All(option))
        {
            var before = names.Count;
            names.AddRange(text.Split(',', StringSplitOptions.RemoveEmptyEntries));
            if (names.Count == before)
            {
                throw new ReferenceException($"cannot use option '--{option.Name}': '{Quoted.Text(text)}' names no capability", $"for example '--{option.Name} NET_ADMIN', or ALL");
            }
        }

        _ = CapabilitySet.Default.With(names, []); // a name that is wrong is wrong before anything is pulled
        return names.Count == 0 ? [] : [.. names];
    }

    /// <summary>Docker has both <c>name=value</c> and, from long ago, <c>name:value</c>.</summary>
    private static SecurityOptions Read(string text, SecurityOptions options)
    {
        var split = text.AsSpan().IndexOfAny('=', ':');
        var (name, value) = split < 0 ? (text, null) : (text[..split], text[(split + 1)..]);
        return (name, value) switch
        {
            (NoNewPrivileges, null or "true") => options with { NoNewPrivileges = true },
            (NoNewPrivileges, "false") when options.UserNamespace == UserNamespaceMode.SubIds => options with { NoNewPrivileges = false },
            (NoNewPrivileges, "false") => throw Wrong(text, "no container of one id can gain privileges by exec: there is nobody to become but with --userns=subids"),
            (Seccomp, Unconfined) => options with { Seccomp = Unconfined },
            (Seccomp, { Length: > 0 }) => options with { Seccomp = Absolute(value) },
            (SystemPaths, Unconfined) => options with { ShowSystemPaths = true },
            ("label", "disable") or ("apparmor", Unconfined) => options, // a container runs in its caller's domain and profile as it is
            ("label" or "apparmor", _) => throw Wrong(text, "without root nobody can enter another domain or profile"),
            _ => throw Wrong(text, $"it is none of {Seccomp}=FILE, {Seccomp}={Unconfined}, {NoNewPrivileges}, {SystemPaths}={Unconfined}"),
        };
    }

    private static string Absolute(string path) => path[0] == '/' ? path
        : WorkingDirectory.IsMissingFor(path) ? throw new ReferenceException($"cannot read the seccomp policy '{Quoted.Text(path)}': {WorkingDirectory.Cause}", WorkingDirectory.Hint)
        : NativeText.Decode(FileSystem.ReadLink(PathZ.OfTerminated("/proc/self/cwd\0"u8))) + "/" + path;

    private static UserNamespaceMode Mode(string word) => UserNamespaceWords.Find(word)
        ?? throw new ReferenceException($"cannot use option '--userns': '{Quoted.Text(word)}' is none of {UserNamespaceWords.All}", UsageError.SeeHelp(RunSyntax.Syntax));

    private static ReferenceException Wrong(string text, string cause) =>
        new($"cannot use option '--security-opt={Quoted.Text(text)}': {cause}", UsageError.SeeHelp(RunSyntax.Syntax));
}
