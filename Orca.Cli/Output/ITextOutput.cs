namespace Orca.Cli.Output;

/// <summary>Where text for people or programs goes.</summary>
internal interface ITextOutput
{
    /// <summary>The size of the terminal behind it; null when there is none.</summary>
    (int Rows, int Columns)? Terminal { get; }

    /// <summary>Writes the text at once.</summary>
    /// <exception cref="OutputException">The other end is gone or full.</exception>
    void Write(string text);
}
