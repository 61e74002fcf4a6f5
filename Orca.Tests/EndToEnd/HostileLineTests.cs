using System.Text.Json;
using NUnit.Framework;
using Orca.Core.Images;

namespace Orca.Tests.EndToEnd;

/// <summary>Servers that say nothing, or next to nothing: the user is never their prisoner.</summary>
[Category("EndToEnd")]
public sealed class HostileLineTests
{
    [TestCase("/v2/")]
    [TestCase("/manifests/")]
    [TestCase("/blobs/LAYER")]
    public void R24_ServerThatFallsSilent_IsLeftByOneInterrupt(string where)
    {
        using var home = new Home();
        using var over = new ManualResetEventSlim();
        using var asked = new ManualResetEventSlim();
        where = where.Replace("LAYER", Layer(), StringComparison.Ordinal);
        using var server = new LoopbackServer(context =>
        {
            if (!context.Request.RawUrl!.Contains(where, StringComparison.Ordinal))
            {
                LoopbackServer.Pass(context);
                return;
            }

            if (where != "/v2/")
            {
                context.Response.SendChunked = true; // it begins to answer
                context.Response.OutputStream.Write(new byte[100]);
                context.Response.OutputStream.Flush();
            }

            asked.Set();
            over.Wait(TimeSpan.FromSeconds(60));
        });
        try
        {
            using var pulling = home.Orca("pull", $"localhost:{server.Port}/busybox").Start();
            Assert.That(asked.Wait(TimeSpan.FromSeconds(30)), Is.True);
            World.Kill("INT", pulling.Id);
            Assert.That(pulling.Wait(20).Status, Is.EqualTo(130));
            Assert.That(home.Orca("images", "-q").Run().Succeeds().Output, Is.Empty);
        }
        finally
        {
            over.Set();
        }
    }

    /// <summary>The digest of busybox's one layer.</summary>
    private static string Layer()
    {
        var manifest = World.Tool("curl", "-sf", "-H", $"Accept: {MediaTypes.OciManifest}", $"http://{World.Registry}/v2/busybox/manifests/latest").Succeeds().Output;
        using var document = JsonDocument.Parse(manifest);
        return document.RootElement.GetProperty("layers")[0].GetProperty("digest").GetString()!;
    }
}
