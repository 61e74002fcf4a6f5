using System.IO.Compression;
using System.Text;
using NUnit.Framework;
using Orca.Core.Errors;
using Orca.Core.Images;
using Orca.Tests.Fixtures;

namespace Orca.Tests.Registry.Remote;

/// <summary>What answers with 200 and is no registry, and proxies that compress on the way.</summary>
public sealed class ManifestBodyTests
{
    private const string Place = "cannot pull 'registry.test/app:1': GET https://registry.test/v2/app/manifests/1: the answer is not a manifest: it ";

    [TestCase("<!DOCTYPE html><title>Sign in</title>", "text/html; charset=utf-8", "is a page of HTML or XML, not JSON (Content-Type: 'text/html')")]
    [TestCase("\n <?xml version='1.0'?>", "application/xml", "is a page of HTML or XML, not JSON (Content-Type: 'application/xml')")]
    [TestCase("ok", "text/plain", "is not a JSON object (Content-Type: 'text/plain')")]
    [TestCase("", null, "is empty")]
    [TestCase("[]", MediaTypes.OciManifest, "is not a JSON object (Content-Type: '" + MediaTypes.OciManifest + "')")]
    [TestCase("\uFEFF{}", MediaTypes.OciManifest, "begins with a byte order mark, which JSON must not have (RFC 8259): save it as UTF-8 without one (Content-Type: '" + MediaTypes.OciManifest + "')")]
    public void WhatIsNoManifest_IsNamed_WithAddressAndType(string body, string? type, string what)
    {
        using var registry = new ScriptedRegistry();
        registry.AddImage();
        registry.OnRegistry = request => IsManifest(request.Path) ? registry.Serve(request) with { Body = Encoding.UTF8.GetBytes(body), Headers = type is null ? [] : [("Content-Type", type)] } : null;
        Assert.That(() => registry.ResolveAsync(), Throws.TypeOf<ContentException>().With.Message.EqualTo(Place + what));
    }

    [TestCase("gzip", true)]
    [TestCase("X-GZIP", true)]
    [TestCase("identity", false)]
    public async Task CompressedOnTheWay_IsRead(string encoding, bool compressed)
    {
        using var registry = new ScriptedRegistry();
        var image = registry.AddImage();
        registry.OnRegistry = request => !IsManifest(request.Path) ? null
            : (registry.Serve(request) is var reply && compressed ? reply with { Body = Gzip(reply.Body) } : registry.Serve(request)).With("Content-Encoding", encoding);
        Assert.That((await registry.ResolveAsync()).Digest, Is.EqualTo(image.Digest));
    }

    [TestCase("br", false, "the answer is compressed with 'br', which was not asked for")]
    [TestCase("gzip", false, "the answer is not compressed with gzip, as it says")]
    [TestCase(null, true, "the answer is not a manifest: it is compressed with gzip (Content-Type: '" + MediaTypes.OciManifest + "')")]
    public void CompressedOtherwise_IsRefused_WithTheAddress(string? encoding, bool compressed, string cause)
    {
        using var registry = new ScriptedRegistry();
        registry.AddImage();
        registry.OnRegistry = request =>
        {
            var reply = registry.Serve(request);
            reply = compressed ? reply with { Body = Gzip(reply.Body) } : reply;
            return !IsManifest(request.Path) ? null : encoding is null ? reply : reply.With("Content-Encoding", encoding);
        };
        Assert.That(() => registry.ResolveAsync(), Throws.TypeOf<ContentException>().With.Message.Contains("GET https://registry.test/v2/app/manifests/1: " + cause));
    }

    private static bool IsManifest(string path) => path.Contains("/manifests/", StringComparison.Ordinal);

    private static byte[] Gzip(byte[] bytes)
    {
        var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }
}
