using Orca.Core.Images;

namespace Orca.Registry.Pulling;

/// <summary>Tells how a pull goes: every change of stage, and bytes not more often than somebody could read.</summary>
internal sealed class PullReport(IProgress<PullProgress>? progress, IReadOnlyList<Descriptor> layers, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly (PullStage? Stage, long Bytes, long Time)[] _last = new (PullStage?, long, long)[layers.Count];
    private readonly long[] _unpacked = new long[layers.Count];

    /// <summary>Names all layers, so that the whole is known before its parts.</summary>
    internal void Waiting()
    {
        for (var index = 0; index < layers.Count; index++)
        {
            Report(index, PullStage.Waiting, 0);
        }
    }

    /// <summary>The store has the layer in another image.</summary>
    internal void Present(int index) => Report(index, PullStage.Present, 0);

    internal void Fetching(int index, long bytes) => Report(index, PullStage.Fetching, bytes);

    internal void Fetched(int index) => Report(index, PullStage.Applying, layers[index].Size);

    /// <summary>So many bytes of the layer have been unpacked; worth a report only when all of it has come.</summary>
    internal void Unpacked(int index, long bytes)
    {
        if (progress is null)
        {
            return;
        }

        bool hasCome;
        lock (_gate)
        {
            _unpacked[index] = Math.Max(_unpacked[index], bytes);
            hasCome = _last[index].Stage == PullStage.Applying;
        }

        if (hasCome)
        {
            Report(index, PullStage.Applying, layers[index].Size);
        }
    }

    internal void Done(int index) => Report(index, PullStage.Done, layers[index].Size);

    private void Report(int index, PullStage stage, long bytes)
    {
        if (progress is null)
        {
            return;
        }

        lock (_gate)
        {
            var now = time.GetTimestamp();
            var last = _last[index];
            var isDue = last.Stage != stage || bytes < last.Bytes || time.GetElapsedTime(last.Time, now) >= s_interval;
            if (last.Stage == PullStage.Done || (stage == PullStage.Waiting && last.Stage is not null) || !isDue)
            {
                return;
            }

            _last[index] = (stage, bytes, now);
            progress.Report(new PullProgress(layers[index].Digest, index, layers.Count, stage, bytes, layers[index].Size) { Unpacked = stage == PullStage.Done ? layers[index].Size : _unpacked[index] });
        }
    }
}
