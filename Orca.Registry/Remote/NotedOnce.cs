namespace Orca.Registry.Remote;

/// <summary>Passes each note on once, however many requests run into what it says.</summary>
/// <param name="note">Takes a sentence for the user; null for nobody.</param>
internal sealed class NotedOnce(Action<string>? note)
{
    private readonly HashSet<string> _noted = new(StringComparer.Ordinal);

    /// <summary>Passes a note on; null is none.</summary>
    internal void Note(string? text)
    {
        if (text is null || note is null)
        {
            return;
        }

        lock (_noted)
        {
            if (!_noted.Add(text))
            {
                return;
            }
        }

        note(text);
    }
}
