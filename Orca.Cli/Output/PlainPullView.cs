using Orca.Core.Images;

namespace Orca.Cli.Output;

/// <summary>One line at the start, one for each layer, one at the end: for logs.</summary>
internal sealed class PlainPullView(string name, ITextOutput output, TimeProvider time) : PullView(time)
{
    /// <inheritdoc/>
    public override void Start() => Write(output, $"{Doing}{name}\n");

    /// <inheritdoc/>
    protected override void OnReport(LayerProgress layer, bool stageChanged)
    {
        if (stageChanged && layer.Stage == PullStage.Present)
        {
            Write(output, $"layer {layer.Index + 1} of {Layers.Length} ({layer.Digest.Abbreviated}) is there already, {Amount.Bytes(layer.Total)}\n");
        }
        else if (stageChanged && layer.Stage == PullStage.Done && !(layer.WasPresent && layer.Fetched == 0))
        {
            Write(output, $"layer {layer.Index + 1} of {Layers.Length} ({layer.Digest.Abbreviated}) done, {Amount.Bytes(layer.Total)}\n");
        }
    }

    /// <inheritdoc/>
    protected override void OnFinish() => Write(output, Summary(name) + "\n");
}
