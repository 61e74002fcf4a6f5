using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orca.Cli.Hello;
using Orca.Cli.Output;
using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Images;
using Orca.Core.References;
using Orca.Core.Sandbox;

namespace Orca.Cli.Commands;

/// <summary><c>orca hello</c>: the whole pipeline on an image that lies in the binary, stage by stage.</summary>
internal sealed class HelloCommand : Command
{
    private static readonly CommandSyntax s_syntax = new()
    {
        Name = "orca hello",
        Usage = ["[OPTIONS]"],
        Summary = "Run an image that is inside orca, without network, and show each stage and its time.",
        AtMost = 0,
        Interspersed = true,
        Examples = [("orca hello", "is this machine fit for orca?")],
    };

    /// <inheritdoc/>
    public override CommandSyntax Syntax => s_syntax;

    /// <inheritdoc/>
    public override int Execute(ParsedArguments arguments, CommandContext context) => Execute(context, new EmbeddedImageSource(HelloProgram.Read()));

    internal static int Execute(CommandContext context, IImageSource source)
    {
        context.Out.Write("orca hello: a container from an image inside this program; no network is used\n\n");
        using var store = new TemporaryStore(context.Global.Root ?? DefaultRoot());
        var timed = new TimedImageSource(source, context.Time);
        using var services = context.Compose(context.Global with { Root = store.Path }, timed).BuildServiceProvider();
        var reference = ImageReference.Parse("orca.local/hello:latest");
        var status = Run(context, services, timed, reference);

        var removing = context.Time.GetTimestamp();
        services.GetRequiredService<IImageStore>().Remove(reference, force: true);
        store.Delete();
        Stage(context, "clean up", context.Time.GetElapsedTime(removing), "nothing is left behind");
        if (status == 0)
        {
            context.Out.Write("\nAll is well. Next: orca run alpine\n");
        }

        return status;
    }

    private static int Run(CommandContext context, ServiceProvider services, TimedImageSource source, ImageReference reference)
    {
        var pulling = context.Time.GetTimestamp();
        var progress = new FetchTimer(context.Time);
        var image = services.GetRequiredService<IImagePuller>().PullAsync(reference, Platform.Current, progress, CancellationToken.None).GetAwaiter().GetResult();
        var pulled = context.Time.GetElapsedTime(pulling);
        var fetched = progress.Fetched is { } at ? context.Time.GetElapsedTime(pulling, at) : pulled;
        Stage(context, "resolve", source.Resolving, $"{reference}, {image.Digest.Algorithm} {image.Digest.Abbreviated}");
        Stage(context, "fetch + verify", fetched - source.Resolving, $"{progress.Layers} layer, {Amount.Bytes(progress.Bytes)}");
        Stage(context, "flatten", pulled - fetched, $"{Amount.Bytes(image.Size)} of files, synced to the disk");

        var asked = context.Time.GetTimestamp();
        var request = new RunRequest
        {
            Image = reference,
            Pull = PullPolicy.Never,
            Options = new RunOptions
            {
                Process = new()
                {
                    Env = [string.Create(CultureInfo.InvariantCulture, $"{HelloProgram.AskedVariable}={HelloProgram.Nanoseconds(asked, context.Time)}")],
                    Terminal = false,
                    Interactive = false,
                },
            },
        };
        var status = services.GetRequiredService<IContainerRunner>()
            .Run(request, new SandboxRunOptions { ForwardSignals = true, Note = context.Note }, CancellationToken.None);
        Stage(context, "run, in all", context.Time.GetElapsedTime(asked), $"until its exit status {status.Code} was here and its container gone");
        return status.Code;
    }

    private static string DefaultRoot() =>
        Environment.GetEnvironmentVariable("ORCA_ROOT") is { Length: > 0 } root ? root
        : Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data ? System.IO.Path.Combine(data, "orca")
        : System.IO.Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", ".local/share/orca");

    private static void Stage(CommandContext context, string name, TimeSpan time, string what) => context.Out.Write(string.Create(
        CultureInfo.InvariantCulture, $"  {name,-14} {Math.Max(0, time.TotalMilliseconds),6:0.0} ms   {what}\n"));
}
