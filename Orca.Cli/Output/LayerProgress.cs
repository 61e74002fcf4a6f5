using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Output;

/// <summary>How far one layer is, and how fast its bytes come.</summary>
internal sealed class LayerProgress(PullProgress first, TimeProvider time)
{
    private long? _offset;
    private bool _sharesFiles, _hasMoved;

    /// <summary>The layer.</summary>
    public Digest Digest { get; } = first.Layer;

    /// <summary>Its place, from 0.</summary>
    public int Index { get; } = first.Index;

    /// <summary>Compressed bytes.</summary>
    public long Total { get; } = first.Total;

    /// <summary>Compressed bytes that are there.</summary>
    public long Bytes { get; private set; }

    /// <summary>Compressed bytes that are unpacked.</summary>
    public long Unpacked { get; private set; }

    /// <summary>What is being done.</summary>
    public PullStage Stage { get; private set; }

    /// <summary>Bytes that this pull fetched, without those of an earlier one.</summary>
    public long Fetched => _offset is { } offset ? Math.Max(0, (Stage == PullStage.Fetching ? Bytes : Total) - offset) : 0;

    /// <summary>True when nothing was to be done for the layer: another image in the store has it, or the image was complete before.</summary>
    public bool WasPresent => _sharesFiles || !_hasMoved;

    /// <summary>Takes a report; one that comes late (threads overtake each other) never turns the clock back.</summary>
    public void Update(PullProgress report)
    {
        _sharesFiles |= report.Stage == PullStage.Present;
        _hasMoved |= report.Stage is not (PullStage.Done or PullStage.Present);
        if (report.Stage > PullStage.Present)
        {
            _offset ??= report.Stage == PullStage.Fetching ? report.Bytes : report.Total; // what is there at first was there before
        }

        Stage = report.Stage > Stage ? report.Stage : Stage;
        Unpacked = Math.Clamp(report.Unpacked, Unpacked, Math.Max(Unpacked, Total));
        Bytes = Math.Clamp(report.Bytes, Bytes, Math.Max(Bytes, Total));
        if (Stage > PullStage.Present)
        {
            Meter.Add(Bytes);
        }
    }

    /// <summary>How fast they come.</summary>
    public RateMeter Meter { get; } = new(time);
}
