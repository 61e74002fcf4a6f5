using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Cli.Output;

/// <summary>Shows the progress of a pull. Reports come from many threads.</summary>
internal abstract class PullView(TimeProvider time) : IProgress<PullProgress>
{
    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();

    /// <summary>Returns the view that was asked for; for 'auto', a live picture on a terminal and plain lines elsewhere.</summary>
    public static PullView Create(string name, string how, ITextOutput output, bool color, bool dumb, TimeProvider time, bool isLocal = false) => how switch
    {
        "none" => new SilentPullView(time),
        "json" => new JsonPullView(name, output, time),
        "tty" => new LivePullView(name, output, color, time) { IsLocal = isLocal },
        "auto" when output.Terminal is { Columns: >= 20 } && !dumb => new LivePullView(name, output, color, time) { IsLocal = isLocal },
        _ => new PlainPullView(name, output, time) { IsLocal = isLocal },
    };

    /// <summary>True when the image comes from this machine: it is loaded and not pulled.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The beginning of the line that says what goes on.</summary>
    protected string Doing => IsLocal ? "loading " : "pulling ";

    /// <summary>The layers by index; null where nothing was reported yet.</summary>
    protected LayerProgress?[] Layers { get; private set; } = [];

    /// <summary>The sums of all layers: bytes fetched, bytes in all, and the rate.</summary>
    protected (long Bytes, long Size, RateMeter Meter) Total { get; private set; } = (0, 0, new RateMeter(time));

    /// <summary>The digest of the pulled image; null until the pull has ended.</summary>
    protected Digest? Pulled { get; private set; }

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>Since the start.</summary>
    protected TimeSpan Elapsed => Time.GetElapsedTime(_started);

    /// <inheritdoc/>
    public void Report(PullProgress value)
    {
        lock (_lock)
        {
            if (value.Index < 0 || value.Index >= value.Count)
            {
                return;
            }

            if (Layers.Length != value.Count)
            {
                Layers = new LayerProgress?[value.Count];
            }

            var before = Layers[value.Index]?.Stage;
            var layer = Layers[value.Index] ??= new LayerProgress(value, Time);
            layer.Update(value);
            Sum();
            OnReport(layer, stageChanged: before != layer.Stage);
        }
    }

    /// <summary>The pull starts.</summary>
    public virtual void Start()
    {
    }

    /// <summary>Time passes; called a few times a second so that a stalled pull shows itself.</summary>
    public void Tick()
    {
        lock (_lock)
        {
            OnTick();
        }
    }

    /// <summary>Something else is written meanwhile.</summary>
    public void Interject(Action write)
    {
        lock (_lock)
        {
            OnAbandon();
            write();
            OnTick();
        }
    }

    /// <summary>The pull ended well.</summary>
    public void Finish(Digest? pulled = null)
    {
        lock (_lock)
        {
            Pulled = pulled;
            OnFinish();
        }
    }

    /// <summary>The pull failed: leaves the terminal clean for the message.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            OnAbandon();
        }
    }

    /// <summary>One layer moved on.</summary>
    protected virtual void OnReport(LayerProgress layer, bool stageChanged)
    {
    }

    /// <inheritdoc cref="Tick"/>
    protected virtual void OnTick()
    {
    }

    /// <inheritdoc cref="Finish"/>
    protected virtual void OnFinish()
    {
    }

    /// <inheritdoc cref="Abandon"/>
    protected virtual void OnAbandon()
    {
    }

    /// <summary>Writes; a terminal that went away must not fail the pull.</summary>
    protected static void Write(ITextOutput output, string text)
    {
        try
        {
            output.Write(text);
        }
        catch (OutputException)
        {
            // Progress is optional. The result of the pull is reported by the caller.
        }
    }

    /// <summary>Returns the number of layers, and the bytes that were fetched.</summary>
    protected (int Count, long Fetched) Sums()
    {
        long fetched = 0;
        var count = 0;
        foreach (var layer in Layers)
        {
            fetched += layer?.Fetched ?? 0;
            count += layer is null ? 0 : 1;
        }

        return (count, fetched);
    }

    private void Sum()
    {
        long bytes = 0, size = 0;
        foreach (var layer in Layers)
        {
            if (layer is null or { WasPresent: true, Fetched: 0 })
            {
                continue; // nothing of it is to come
            }

            bytes += layer.Stage is PullStage.Waiting or PullStage.Fetching ? layer.Bytes : layer.Total;
            size += layer.Total;
        }

        Total.Meter.Add(bytes);
        Total = (bytes, size, Total.Meter);
    }

    /// <summary>Returns the last line: what was done, how many bytes, and how fast.</summary>
    protected string Summary(string name)
    {
        var (count, fetched) = Sums();
        var elapsed = Elapsed;
        var unpacked = Layers.Where(static layer => layer is { WasPresent: false }).ToList();
        var done = $"{(IsLocal ? "loaded" : "pulled")} {name}: ";
        if (fetched == 0)
        {
            return unpacked.Count > 0
                ? $"{done}{Some(unpacked.Count)}, {Amount.Bytes(unpacked.Sum(static layer => layer!.Total))} unpacked in {Amount.Time(elapsed)}{(IsLocal ? string.Empty : "; all had been fetched before")}"
                : $"{done}{(IsLocal ? "the store had all of it" : "nothing to fetch, all was there")} ({Amount.Time(elapsed)})";
        }

        var rate = elapsed.TotalSeconds > 0.1 ? $" ({Amount.Bytes(fetched / elapsed.TotalSeconds)}/s)" : string.Empty;
        return $"{done}{Some(count)}, {Amount.Bytes(fetched)} in {Amount.Time(elapsed)}{rate}";

        static string Some(int layers) => $"{layers} layer{(layers == 1 ? string.Empty : "s")}";
    }
}

/// <summary>Prints nothing.</summary>
internal sealed class SilentPullView(TimeProvider time) : PullView(time);
