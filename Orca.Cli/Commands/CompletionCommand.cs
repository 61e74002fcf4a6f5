using Orca.Cli.Parsing;
using Orca.Core.Errors;

namespace Orca.Cli.Commands;

/// <summary><c>orca completion SHELL</c>: prints what a shell reads to complete orca's command lines.</summary>
/// <remarks>The scripts ask orca itself each time, see <see cref="CompleteCommand"/>: names of images and containers are there as well, and no name is ever read as shell code.</remarks>
internal sealed class CompletionCommand : Command
{
    private const string Bash = """
        # bash completion for orca: source <(orca completion bash)
        _orca() {
            local line="${COMP_LINE:0:COMP_POINT}" words current
            read -ra words <<< "$line"
            [[ $line == *[[:space:]] ]] && words+=('')
            current="${words[-1]}"
            mapfile -t COMPREPLY < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
            if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
                local before="${current%"${current##*:}"}"
                COMPREPLY=("${COMPREPLY[@]#"$before"}")
            fi
            if [[ $current == --*=* && $COMP_WORDBREAKS == *=* ]]; then
                COMPREPLY=("${COMPREPLY[@]#"${current%%=*}="}")
            fi
        }
        complete -o default -F _orca orca

        """;

    private const string Zsh = """
        #compdef orca
        # zsh completion for orca: source <(orca completion zsh), or save it as _orca in a directory of $fpath
        _orca() {
            local -a found
            found=("${(@f)$("${words[1]}" __complete "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
            found=("${(@)found:#}")
            if (( $#found )); then
                compadd -Q -- "${found[@]}"
            else
                _files
            fi
        }
        if [ "$funcstack[1]" = "_orca" ]; then _orca "$@"; else compdef _orca orca; fi

        """;

    private const string Fish = """
        # fish completion for orca: orca completion fish | source
        function __orca_complete
            set -l words (commandline -opc)
            $words[1] __complete $words[2..-1] (commandline -ct) 2>/dev/null
        end
        complete -c orca -a '(__orca_complete)'

        """;

    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca completion",
        Usage = ["bash|zsh|fish"],
        Summary = "Print what a shell reads to complete commands, options, images and containers.",
        Argument = "SHELL",
        AtLeast = 1,
        AtMost = 1,
        Interspersed = true,
        Options = [AcceptedSyntax.Take(null, "no-desc", null, string.Empty)],
        Examples =
        [
            ("source <(orca completion bash)", "in ~/.bashrc"), ("source <(orca completion zsh)", "in ~/.zshrc, after compinit"),
            ("orca completion fish > ~/.config/fish/completions/orca.fish", "once"),
        ],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context)
    {
        context.Out.Write(arguments.Positionals[0] switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            var other => throw new ReferenceException($"cannot complete in '{Quoted.Text(other)}': it is none of bash, zsh, fish", UsageError.SeeHelp(s_syntax)),
        });
        return 0;
    }
}
