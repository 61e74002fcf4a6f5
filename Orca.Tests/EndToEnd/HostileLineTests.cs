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

    /// <summary>Row F22: whatever ends a pull, its bytes are kept, and the next one fetches only the rest.</summary>
    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    [TestCase("HUP", 129)]
    public void F22_Signal_InTheMiddleOfALayer_KeepsWhatCame(string signal, int status)
    {
        using var home = new Home();
        using var over = new ManualResetEventSlim();
        var hex = Layer()["sha256:".Length..];
        const int first = 300_000;
        using var server = new LoopbackServer(context =>
        {
            if (!context.Request.RawUrl!.EndsWith(hex, StringComparison.Ordinal) || context.Request.Headers["Range"] is not null)
            {
                LoopbackServer.Pass(context);
                return;
            }

            using var client = new HttpClient();
            var layer = client.GetByteArrayAsync($"http://{World.Registry}/v2/busybox/blobs/sha256:{hex}").GetAwaiter().GetResult();
            context.Response.ContentLength64 = layer.Length;
            context.Response.OutputStream.Write(layer, 0, first);
            context.Response.OutputStream.Flush();
            over.Wait(TimeSpan.FromSeconds(60));
            context.Response.Abort();
        });
        try
        {
            var part = $"{home.Directory}/.local/share/orca/parts/sha256-{hex}";
            using var pulling = home.Orca("pull", "-q", $"localhost:{server.Port}/busybox").Start();
            Assert.That(World.Eventually(() => File.Exists(part) && new FileInfo(part).Length == first, 30), Is.True, "the bytes did not come");
            World.Kill(signal, pulling.Id);
            var ended = pulling.Wait(20).Ends(status);
            Assert.That(ended.Errors, Does.Not.Contain("   at "));
            Assert.That(new FileInfo(part).Length, Is.EqualTo(first));
            Assert.That(home.Shell("ls -A .local/share/orca/staging .local/share/orca/images .local/share/orca/refs | grep -v -e : -e '^$'").Output, Is.Empty);
            home.Orca("run", $"localhost:{server.Port}/busybox", "echo", "whole").Run().Prints("whole");
            Assert.That(server.Seen.Count(one => one.Request.EndsWith(hex, StringComparison.Ordinal)), Is.EqualTo(2));
        }
        finally
        {
            over.Set();
        }
    }

    /// <summary>The digest of busybox's one layer.</summary>
    internal static string Layer()
    {
        var manifest = World.Tool("curl", "-sf", "-H", $"Accept: {MediaTypes.OciManifest}", $"http://{World.Registry}/v2/busybox/manifests/latest").Succeeds().Output;
        using var document = JsonDocument.Parse(manifest);
        return document.RootElement.GetProperty("layers")[0].GetProperty("digest").GetString()!;
    }
}
