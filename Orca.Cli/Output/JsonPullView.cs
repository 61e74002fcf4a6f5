using System.Buffers;
using System.Text;
using System.Text.Json;
using Orca.Core.Images;

namespace Orca.Cli.Output;

/// <summary>One JSON object a line, for programs; <c>docs/registry.md</c> tells the fields.</summary>
internal sealed class JsonPullView(string name, ITextOutput output, TimeProvider time) : PullView(time)
{
    /// <inheritdoc/>
    public override void Start() => Write("start", writer => writer.WriteString("image", name));

    /// <inheritdoc/>
    protected override void OnReport(LayerProgress layer, bool stageChanged) => Write("layer", writer =>
    {
        writer.WriteString("layer", layer.Digest.ToString());
        writer.WriteNumber("index", layer.Index);
        writer.WriteNumber("count", Layers.Length);
        writer.WriteString("stage", layer.Stage switch
        {
            PullStage.Waiting => "waiting",
            PullStage.Present => "present",
            PullStage.Fetching => "fetching",
            PullStage.Applying => "applying",
            _ => "done",
        });
        writer.WriteNumber("bytes", layer.Stage is PullStage.Waiting or PullStage.Fetching ? layer.Bytes : layer.Total);
        writer.WriteNumber("total", layer.Total);
        if (layer.Stage == PullStage.Applying)
        {
            writer.WriteNumber("unpacked", layer.Unpacked);
        }
    });

    /// <inheritdoc/>
    protected override void OnFinish() => Write("done", writer =>
    {
        var (count, fetched) = Sums();
        writer.WriteString("image", name);
        if (Pulled is { } digest)
        {
            writer.WriteString("digest", digest.ToString());
        }

        writer.WriteNumber("layers", count);
        writer.WriteNumber("bytes", fetched);
        writer.WriteNumber("seconds", Math.Round(Elapsed.TotalSeconds, 3));
    });

    private void Write(string name, Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("event", name);
            fields(writer);
            writer.WriteEndObject();
        }

        Write(output, Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n");
    }
}
