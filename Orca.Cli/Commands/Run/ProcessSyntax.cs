using System.Globalization;
using System.Text.Json;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands.Run;

/// <summary>The options of <c>orca run</c> about the command, its environment and its streams.</summary>
internal static class ProcessSyntax
{
    public static readonly Option Entrypoint = new(null, "entrypoint", "PROGRAM", "Run PROGRAM instead of the image's entrypoint ('' for none)");
    public static readonly Option Env = new('e', "env", "NAME[=VALUE]", "Set a variable inside; without VALUE, copy it from here");
    public static readonly Option EnvFile = new(null, "env-file", "FILE", "Set the variables of a file, one NAME=VALUE a line");
    public static readonly Option EnvHost = new(null, "env-host", null, "Set all variables of the caller inside");
    public static readonly Option Init = new(null, "init", null, "An init reaps and passes signals on (default); --init=false: the command is PID 1");
    public static readonly Option Interactive = new('i', "interactive", null, "Pass standard input on, a terminal's keys too");
    public static readonly Option StopSignal = new(null, "stop-signal", "SIGNAL", "What --timeout asks the command to end with (default: the image's, or SIGTERM)");
    public static readonly Option Terminal = new('t', "tty", null, "Give the command a terminal of its own");
    public static readonly Option Timeout = new(null, "timeout", "SECONDS", "Ask the command to end after this time, and kill it ten seconds later");
    public static readonly Option TimeZone = new(null, "tz", "ZONE", "Time zone inside, such as Europe/Berlin (default: the host's)");
    public static readonly Option Umask = new(null, "umask", "MODE", "The permissions that new files do not get (default: 0022)");
    public static readonly Option Unset = new(null, "unsetenv", "NAME", "Leave out a variable of the image's or of orca's");
    public static readonly Option UnsetAll = new(null, "unsetenv-all", null, "Leave out all of them");
    public static readonly Option User = new('u', "user", "USER[:GROUP]", "Run as this user of the image, by name or number");
    public static readonly Option WorkingDirectory = new('w', "workdir", "DIR", "Start in this directory inside");

    public static readonly Option[] Options = [Entrypoint, Env, EnvFile, EnvHost, Init, Interactive, StopSignal, Terminal, Timeout, TimeZone, Umask, Unset, UnsetAll, User, WorkingDirectory];

    /// <summary>Returns what the command line says.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="context">What the command works with.</param>
    /// <param name="command">The command after the image's name.</param>
    /// <exception cref="ReferenceException">An option cannot be understood.</exception>
    public static ProcessOptions Read(ParsedArguments arguments, CommandContext context, IReadOnlyList<string> command)
    {
        if (!arguments.Any(Options))
        {
            return new ProcessOptions { Command = command };
        }

        var (terminal, interactive) = ResolveTtyDefaults(arguments.Switch(Terminal), arguments.Switch(Interactive));
        return new ProcessOptions
        {
            Entrypoint = arguments.Last(Entrypoint) is { } entrypoint ? ReadEntrypoint(entrypoint) : null,
            Command = command,
            Env = ReadEnvironment(arguments, context),
            UnsetEnv = arguments.IsOn(UnsetAll) ? ["*"] : arguments.All(Unset),
            WorkingDirectory = arguments.Last(WorkingDirectory),
            User = arguments.Last(User),
            TimeZone = arguments.Last(TimeZone),
            Terminal = terminal,
            Interactive = interactive,
            Init = arguments.Switch(Init),
            StopSignal = arguments.Last(StopSignal) is { } signal ? Signal.Parse(signal) : null,
            Timeout = arguments.Last(Timeout) is { } seconds ? Seconds(seconds) : null,
            Umask = arguments.Last(Umask) is { } umask ? ReadUmask(umask) : null,
        };
    }

    /// <summary>As in Docker once either is given: what is not asked for is off. With neither, the library decides by what is there.</summary>
    internal static (bool? Terminal, bool? Interactive) ResolveTtyDefaults(bool? terminal, bool? interactive) => (terminal, interactive) switch
    {
        (null, null) => (null, null),
        (true, _) => (true, interactive ?? false),
        (_, true) => (terminal ?? false, true),
        _ => (terminal, interactive),
    };

    /// <summary>A program, or several words as podman takes them: <c>["sh", "-c"]</c>.</summary>
    private static List<string> ReadEntrypoint(string text)
    {
        if (!text.StartsWith('['))
        {
            return [text];
        }

        try
        {
            var reader = new Utf8JsonReader(NativeText.Encode(text));
            var words = new List<string>();
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                words.Add(reader.GetString()!);
            }

            return reader.TokenType == JsonTokenType.EndArray && !reader.Read() && words.Count > 0 ? words : [text];
        }
        catch (JsonException)
        {
            return [text]; // as in podman, then it is a program of that name
        }
    }

    private static long ReadUmask(string text)
    {
        var mask = 0L;
        foreach (var digit in text)
        {
            mask = digit is >= '0' and <= '7' && text.Length <= 5 ? (mask * 8) + (digit - '0') : long.MaxValue / 16;
        }

        return text.Length > 0 && mask <= 0x1FF /* 0777 */ ? mask
            : throw new ReferenceException($"cannot use option '--umask': '{Quoted.Text(text)}' is not an octal number such as 0027", UsageError.SeeHelp(RunSyntax.Syntax));
    }

    private static TimeSpan Seconds(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : throw new ReferenceException($"cannot use option '--timeout': '{Quoted.Text(text)}' is no number of seconds", UsageError.SeeHelp(RunSyntax.Syntax));

    /// <summary>Files first, so that a variable on the command line wins over one in a file, as in Docker.</summary>
    internal static List<string> ReadEnvironment(ParsedArguments arguments, CommandContext context)
    {
        var env = new List<string>();
        var reader = new EnvironmentReader(context.Environment, context.Files);
        if (arguments.IsOn(EnvHost))
        {
            reader.AddHost(string.Empty, env);
        }

        foreach (var file in arguments.All(EnvFile))
        {
            reader.AddFile(file, env);
        }

        foreach (var entry in arguments.All(Env))
        {
            reader.AddEntry(entry, env);
        }

        return env;
    }
}
