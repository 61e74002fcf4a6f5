using System.Text;
using Orca.Core.Images;

namespace Orca.Cli.Output;

/// <summary>A line for each layer, redrawn in place on a terminal, and one line that remains at the end.</summary>
/// <remarks>
/// Only cursor up, erase and colours are used, and the cursor is never hidden, so that nothing needs repair after kill -9.
/// No line is as wide as the terminal and no picture as high, else the terminal would scroll and "up" miss its mark.
/// </remarks>
internal sealed class LivePullView(string name, ITextOutput output, bool color, TimeProvider time) : PullView(time)
{
    private const int BarWidth = 24;
    private int _drawn;
    private long? _lastDraw;

    /// <inheritdoc/>
    public override void Start() => Draw();

    /// <inheritdoc/>
    protected override void OnReport(LayerProgress layer, bool stageChanged)
    {
        if (stageChanged || _lastDraw is not { } last || Time.GetElapsedTime(last).TotalMilliseconds >= 100)
        {
            Draw();
        }
    }

    /// <inheritdoc/>
    protected override void OnTick() => Draw();

    /// <inheritdoc/>
    protected override void OnFinish() => Write(output, Erase() + Summary(name) + "\n");

    /// <inheritdoc/>
    protected override void OnAbandon() => Write(output, Erase());

    private void Draw()
    {
        var text = new StringBuilder(Erase());
        var lines = Lines();
        foreach (var line in lines)
        {
            text.Append(line).Append('\n');
        }

        Write(output, text.ToString());
        _drawn = lines.Count;
        _lastDraw = Time.GetTimestamp();
    }

    private string Erase()
    {
        var erase = _drawn == 0 ? "\r\e[J" : $"\r\e[{_drawn}A\e[J";
        _drawn = 0;
        return erase;
    }

    private List<string> Lines()
    {
        var lines = new List<string> { Fit(Doing + name) };
        var room = Math.Max(1, (output.Terminal?.Rows is > 0 and var rows ? rows : 24) - 4);
        var done = 0;
        foreach (var layer in Layers)
        {
            done += layer is { Stage: PullStage.Done } ? 1 : 0;
        }

        // Where not all fit, what is done goes first: its one line is the count.
        var hideDone = Layers.Length > room;
        if (hideDone)
        {
            lines.Add(Fit($"  {done} of {Layers.Length} layers done"));
        }

        foreach (var layer in Layers)
        {
            if (layer is not null && lines.Count <= room && !(hideDone && layer.Stage == PullStage.Done))
            {
                lines.Add(Line(layer));
            }
        }

        if (Layers.Length > 1)
        {
            lines.Add(Fit("  total         " + Fetching(Total.Bytes, Total.Size, Total.Meter)));
        }

        return lines;
    }

    private string Line(LayerProgress layer)
    {
        var id = $"  {layer.Digest.Abbreviated}  ";
        return layer.Stage switch
        {
            PullStage.Done => id + Colored("32", Fit($"done      {Amount.Bytes(layer.Total)}", id.Length)),
            PullStage.Applying => id + Colored("36", Fit(Unpacking(layer), id.Length)),
            PullStage.Present => id + Colored("32", Fit($"present   {Amount.Bytes(layer.Total)}", id.Length)),
            PullStage.Waiting => Fit(id + $"waiting   {Amount.Bytes(layer.Total)}"),
            _ => Fit(id + Fetching(layer.Bytes, layer.Total, layer.Meter)),
        };
    }

    private static string Unpacking(LayerProgress layer) => layer.Unpacked == 0 ? $"fetched   {Amount.Bytes(layer.Total)}"
        : $"[{Bar(layer.Unpacked, layer.Total, '#')}]  {Amount.Bytes(layer.Unpacked)} of {Amount.Bytes(layer.Total)} unpacked";

    private static string Bar(long bytes, long size, char fill)
    {
        var share = size > 0 ? Math.Clamp((double)bytes / size, 0, 1) : 0;
        var filled = (int)(share * BarWidth);
        return (new string(fill, filled) + (filled < BarWidth ? ">" : string.Empty)).PadRight(BarWidth);
    }

    private static string Fetching(long bytes, long size, RateMeter meter)
    {
        var rate = meter.Rate is > 1 and var perSecond ? $"  {Amount.Bytes(perSecond)}/s" : string.Empty;
        var remaining = meter.Remaining(size - bytes) is { } time ? $"  {Amount.Time(TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds)))} left" : string.Empty;
        return $"[{Bar(bytes, size, '=')}]  {Amount.Bytes(bytes)} of {Amount.Bytes(size)}{rate}{remaining}";
    }

    private string Colored(string code, string text) => color ? $"\e[{code}m{text}\e[0m" : text;

    private string Fit(string text, int used = 0)
    {
        var width = Math.Max(1, (output.Terminal?.Columns is > 0 and var columns ? columns : 80) - 1 - used);
        return DisplayWidth.Fit(text, width);
    }
}
