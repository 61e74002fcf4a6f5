using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Sandbox;
using Orca.Registry;
using Orca.Sandbox;

namespace Orca.Tests.Samples;

/// <summary>Sample: a minimal web API that runs a user's script with a deadline, without network, on a read-only root.</summary>
internal static class CodeRunner
{
    /// <summary>Returns the application: <c>POST /run</c> with a script gives what it printed and how it ended; <c>GET /health</c> says whether containers can run here.</summary>
    public static WebApplication Build(string storeRoot, string image, TimeSpan deadline)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddOrca(options => (options.StoreRoot, options.MaxConcurrentStarts) = (storeRoot, 8)).AddOrcaRegistry().AddOrcaSandbox();
        builder.Services.AddHealthChecks().AddOrca();
        var app = builder.Build();
        app.MapHealthChecks("/health");
        app.MapPost("/run", async (HttpContext context, IOrca orca) =>
        {
            using var script = new StreamReader(context.Request.Body);
            var start = new ContainerStart(image, ["sh"])
            {
                Input = ContainerInput.Of(await script.ReadToEndAsync(context.RequestAborted)),
                CaptureLimit = 64 << 10,
                Timeout = deadline,
                Grace = TimeSpan.FromMilliseconds(200),
                ReadOnly = true,
                Network = NamespaceMode.Own,
                ResourceLimits = [ResourceLimit.Parse("nproc=64"), ResourceLimit.Parse("fsize=1048576")],
            };
            try
            {
                var result = await orca.RunAsync(start, context.RequestAborted); // a client that goes away ends the container
                await context.Response.WriteAsync($"{result.Exit}\n{result.StandardOutput}{result.StandardError}");
            }
            catch (OrcaException e)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await context.Response.WriteAsync(e.Message);
            }
        });
        return app;
    }
}
