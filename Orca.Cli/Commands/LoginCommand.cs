using System.Text;
using Orca.Cli.Parsing;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary><c>orca login</c>.</summary>
internal sealed class LoginCommand : Command
{
    private const int MaxPassword = 64 * 1024;

    private static readonly Option s_user = new('u', "username", "NAME", "The user (default: asked for)");
    private static readonly Option s_stdin = new(null, "password-stdin", null, "Read the password from standard input (default: asked for)");
    private static readonly Option s_password = new('p', "password", "PASSWORD", "Refused: everybody on this machine can read a command line");

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca login",
        Usage = ["[OPTIONS] [REGISTRY]"],
        Summary = "Log in to a registry, and keep the login where docker and podman find it too.",
        Argument = "REGISTRY",
        AtMost = 1,
        Interspersed = true,
        Options = [RegistryOptionTable.AuthFile, s_password, s_stdin, RegistryOptionTable.TlsVerify, s_user, AcceptedSyntax.Take('v', "verbose", null, string.Empty)],
        Remarks = """
            Without REGISTRY, docker.io. The registry is asked first: a login that it refuses is not kept. It is kept in
            the file that has one for the registry already, else in ~/.docker/config.json, or with the credential helper
            that the file names.
            """,
        Examples =
        [
            ("orca login", "Docker Hub; asks for user and password"),
            ("orca login -u bob ghcr.io", "asks for the password"),
            ("pass show ghcr | orca login -u bob --password-stdin ghcr.io", "for scripts"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        var registry = arguments.Positionals.Count == 0 ? ImageReference.DefaultRegistry : arguments.Positionals[0];
        var failure = $"cannot log in to '{Quoted.Text(registry)}'";
        if (arguments.Last(s_password) is not null)
        {
            throw new ReferenceException($"{failure}: a password on the command line can be read by everybody on this machine", "change the password, and use --password-stdin");
        }

        var user = arguments.Last(s_user);
        if (user is null && arguments.IsOn(s_stdin))
        {
            throw new ReferenceException($"{failure}: --password-stdin needs --username", UsageError.SeeHelp(s_syntax));
        }

        user ??= Required(context.Input?.Ask($"user at {Quoted.Text(registry)}: "), failure).Trim();
        if (user.Length == 0)
        {
            throw new ReferenceException($"{failure}: there is no user name");
        }

        var password = arguments.IsOn(s_stdin) ? ReadPassword(context) : Required(context.Input?.AskSecret($"password of {Quoted.Text(user)} at {Quoted.Text(registry)}: "), failure);
        using var interruption = new Interruption();
        try
        {
            var place = context.Get<IRegistryLogins>().LoginAsync(registry, user, password, interruption.Token).GetAwaiter().GetResult();
            context.Out.Write($"logged in to '{Quoted.Text(registry)}' as '{Quoted.Text(user)}'; kept in '{Quoted.Text(place)}'\n");
            return 0;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            throw new InterruptedException(interruption.ExitStatus);
        }
    }

    private static string ReadPassword(CommandContext context)
    {
        var bytes = context.Input?.ReadAll(MaxPassword) ?? [];
        return Encoding.UTF8.GetString(bytes).TrimEnd('\r', '\n');
    }

    private static string Required(string? answer, string failure) =>
        answer ?? throw new ReferenceException($"{failure}: there is no terminal to ask on", "use --username and --password-stdin");
}
