using Microsoft.Extensions.DependencyInjection;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Commands;

/// <summary>The surroundings of a command: streams, variables, clock, and the services, which are created on first use.</summary>
internal sealed class CommandContext : IDisposable
{
    private ServiceProvider? _services;

    /// <summary>Takes results.</summary>
    public required ITextOutput Out { get; init; }

    /// <summary>Takes messages.</summary>
    public required ITextOutput Error { get; init; }

    /// <summary>The variables of the user's shell.</summary>
    public required HostEnvironment Environment { get; init; }

    /// <summary>The files that the command line names.</summary>
    public required NamedFiles Files { get; init; }

    /// <summary>Registers the services; a source that is given takes the place of the registries.</summary>
    public required Func<GlobalOptions, IImageSource?, IServiceCollection> Compose { get; init; }

    /// <summary>Starts the program anew after a pull of the image with this name and digest; comes back only where it could not.</summary>
    public required Action<ImageReference> Restart { get; init; }

    /// <summary>Asks the user; null where nobody can be asked.</summary>
    public IUserInput? Input { get; init; }

    /// <summary>Runs what writes a note, so that nothing else on the terminal is in its way; null when nothing is.</summary>
    public Action<Action>? Interject { get; set; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The values of the options that all commands have.</summary>
    public GlobalOptions Global { get; set; } = new(null, false);

    /// <summary>The service of a type.</summary>
    public T Get<T>()
        where T : notnull => (_services ??= Compose(Global with { Note = Note }, null).BuildServiceProvider()).GetRequiredService<T>();

    /// <summary>Returns a text for the user whose command lines work when typed: with the options that this command was given.</summary>
    public string Complete(string text) => RepeatedOptions.Complete(text, Global, Environment);

    /// <summary>Prints a note: what the user should know although nothing failed.</summary>
    public void Note(string note)
    {
        note = Complete(note);
        void Write() => Error.Write(Global.JsonMessages ? JsonOutput.Line("note", ("message", note)) : $"orca: note: {note}\n");
        if (Interject is { } interject)
        {
            interject(Write);
            return;
        }

        Write();
    }

    /// <inheritdoc/>
    public void Dispose() => _services?.Dispose();
}
