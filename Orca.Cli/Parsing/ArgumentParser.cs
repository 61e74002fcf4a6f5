using Orca.Core.Errors;

namespace Orca.Cli.Parsing;

/// <summary>Reads a command line by a table of options, with the rules of Docker's command line.</summary>
/// <remarks>
/// Those rules are of the Go package pflag: <c>--name value</c>, <c>--name=value</c>, <c>-e A=1</c>, <c>-eA=1</c>, <c>-e=A=1</c>, bundles such as
/// <c>-it</c>, <c>--</c> ends the options, a lone <c>-</c> is an argument, and of an option that has one value the last one wins.
/// </remarks>
internal static class ArgumentParser
{
    /// <summary>Takes the command line apart.</summary>
    /// <exception cref="ReferenceException">An unknown option, a missing or wrong value, too few or too many arguments.</exception>
    public static ParsedArguments Parse(CommandSyntax syntax, ReadOnlySpan<string> arguments)
    {
        var parsed = new ParsedArguments();
        while (!arguments.IsEmpty)
        {
            var argument = arguments[0];
            arguments = arguments[1..];
            if (argument == "--")
            {
                AddAll(parsed, arguments);
                break;
            }

            if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                ReadLong(syntax, argument, ref arguments, parsed);
            }
            else if (argument.Length > 1 && argument[0] == '-')
            {
                ReadShort(syntax, argument, ref arguments, parsed);
            }
            else
            {
                parsed.AddPositional(argument);
                if (!syntax.Interspersed)
                {
                    AddAll(parsed, arguments);
                    break;
                }
            }
        }

        if (!parsed.IsOn(CommonOptions.Help))
        {
            Count(syntax, parsed.Positionals);
        }

        return parsed;
    }

    private static void AddAll(ParsedArguments parsed, ReadOnlySpan<string> arguments)
    {
        foreach (var argument in arguments)
        {
            parsed.AddPositional(argument);
        }
    }

    private static void ReadLong(CommandSyntax syntax, string argument, ref ReadOnlySpan<string> rest, ParsedArguments parsed)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? argument : argument[..equals];
        var option = syntax.Find(name.AsSpan(2)) ?? throw UsageError.UnknownOption(syntax, name);
        var value = equals < 0 ? null : argument[(equals + 1)..];
        parsed.Add(option, option.IsSwitch ? Boolean(syntax, name, value ?? "true") : value ?? option.Otherwise ?? Next(syntax, option, name, ref rest));
    }

    private static void ReadShort(CommandSyntax syntax, string argument, ref ReadOnlySpan<string> rest, ParsedArguments parsed)
    {
        for (var i = 1; i < argument.Length; i++)
        {
            var name = "-" + argument[i];
            var option = syntax.Find(argument[i]) ?? throw UsageError.UnknownOption(syntax, name, argument);
            var value = i + 1 == argument.Length ? null : argument[i + 1] == '=' ? argument[(i + 2)..] : argument[(i + 1)..];
            if (!option.IsSwitch)
            {
                parsed.Add(option, value ?? Next(syntax, option, name, ref rest));
                return;
            }

            if (value is not null && argument[i + 1] == '=')
            {
                parsed.Add(option, Boolean(syntax, name, value));
                return;
            }

            parsed.Add(option, "true");
        }
    }

    private static string Next(CommandSyntax syntax, Option option, string name, ref ReadOnlySpan<string> rest)
    {
        if (rest.IsEmpty)
        {
            throw new ReferenceException($"cannot use option '{name}': its value {option.Value} is missing", UsageError.SeeHelp(syntax));
        }

        var value = rest[0];
        rest = rest[1..];
        return value;
    }

    private static string Boolean(CommandSyntax syntax, string name, string value) => value switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => "true",
        "0" or "f" or "F" or "false" or "FALSE" or "False" => "false",
        _ => throw new ReferenceException($"cannot use option '{name}': '{Quoted.Text(value)}' is neither 'true' nor 'false'", UsageError.SeeHelp(syntax)),
    };

    private static void Count(CommandSyntax syntax, IReadOnlyList<string> positionals)
    {
        if (positionals.Count < syntax.AtLeast)
        {
            throw new ReferenceException($"cannot use '{syntax.Name}': {syntax.Argument} is missing", UsageError.SeeHelp(syntax));
        }

        if (positionals.Count > syntax.AtMost)
        {
            var wrong = Quoted.Text(positionals[syntax.AtMost]);
            var why = syntax.AtMost == 0 ? "takes no arguments" : $"takes one {syntax.Argument}";
            throw new ReferenceException($"cannot use argument '{wrong}': '{syntax.Name}' {why}", UsageError.SeeHelp(syntax));
        }
    }
}
