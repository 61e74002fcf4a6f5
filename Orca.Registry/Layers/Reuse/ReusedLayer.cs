using Orca.Registry.Layers.TopDown;

namespace Orca.Registry.Layers.Reuse;

/// <summary>A stored layer in the place of its archive: records that were good a moment ago, and entries that count towards the limits as the archive's would.</summary>
internal sealed class ReusedLayer : IDisposable
{
    private readonly LayerBudget _budget;

    /// <summary>Opens it at its first entry.</summary>
    /// <exception cref="NotTopDownException">It is gone, or was damaged meanwhile.</exception>
    internal ReusedLayer(ReusableLayer donor, int number, LayerBudget budget)
    {
        _budget = budget;
        Stored = Unchanged(() => donor.TryOpen(number)) ?? throw new NotTopDownException("a stored layer that is gone");
    }

    /// <summary>Its entries and files.</summary>
    internal StoredLayer Stored { get; }

    /// <summary>Goes to the next entry; false at the end.</summary>
    /// <exception cref="NotTopDownException">It was damaged meanwhile, or is beyond the limits: the archive's reader says which.</exception>
    internal bool Next()
    {
        var isThere = Unchanged(Stored.Next);
        return (isThere ? _budget.TryTake(Stored.Entry) : _budget.TryTake(Stored.Extent)) ? isThere : throw new NotTopDownException("an image beyond the limits");
    }

    public void Dispose() => Stored.Dispose();

    private static T Unchanged<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new NotTopDownException($"the records of a stored layer changed: {e.Message}");
        }
    }
}
