namespace Orca.Cli.Commands;

/// <summary>What the user types or pipes in.</summary>
internal interface IUserInput
{
    /// <summary>Asks on the terminal for a line; null when there is no terminal.</summary>
    string? Ask(string question);

    /// <summary>As <see cref="Ask"/>, without showing what is typed.</summary>
    string? AskSecret(string question);

    /// <summary>All of standard input, up to a limit.</summary>
    /// <exception cref="Core.Errors.ReferenceException">There is more.</exception>
    byte[] ReadAll(int limit);
}
