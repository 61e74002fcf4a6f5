using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.EndToEnd;

/// <summary>Images with more paths than anybody needs: how much memory a real pull of them takes.</summary>
[Category("EndToEnd")]
public sealed class ManyPathsTests
{
    private const int Paths = 1_000_000;
    private const int MaxMegabytes = 64; // measured 54; docs/layers.md has more numbers

    /// <summary>Whiteouts are what an image can say most of for the least: each is remembered until the base is there.</summary>
    [Test]
    public void T47_MillionPaths_InAnUpperLayer_TakeEightBytesEach()
    {
        using var home = new Home();
        Write(Path.Combine(home.Directory, "layout"), Paths);
        using var pulling = home.Orca("pull", "oci:layout").Start();
        var peak = 0;
        Assert.That(World.Eventually(() => (peak = Math.Max(peak, PeakMegabytes(pulling.Id))) < 0 || !File.Exists($"/proc/{pulling.Id}/exe") || IsOver(pulling.Id), 240), Is.True);
        pulling.Wait().Succeeds();
        TestContext.Out.WriteLine($"{Paths} paths: {peak} MB at the most");
        Assert.That(peak, Is.GreaterThan(10).And.LessThan(MaxMegabytes));
    }

    [Test]
    public void T47_MorePathsThanTheLimit_AreRefused_AndLeaveNothing()
    {
        using var home = new Home();
        Write(Path.Combine(home.Directory, "layout"), 2000);
        var refused = home.Orca("pull", "--image-limit", "entries=1000", "oci:layout").Run().Ends(125);
        Assert.That(refused.Errors, Does.Contain("too many entries: exceeds limit of 1000 for an image"));
        Assert.That(home.Orca("images", "-q").Run().Succeeds().Output, Is.Empty);
        Assert.That(home.Files().Where(path => path.Contains("/staging/", StringComparison.Ordinal)), Is.Empty);
    }

    private static bool IsOver(int process) => File.ReadAllText($"/proc/{process}/stat").Contains(") Z", StringComparison.Ordinal);

    private static int PeakMegabytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }

    /// <summary>A layout of one image: a base of one file, and a layer that takes away many that never were.</summary>
    internal static void Write(string layout, int paths)
    {
        Directory.CreateDirectory(layout + "/blobs/sha256");
        (string Blob, string DiffId)[] layers = [Layer(layout, ["etc/motd"]), Layer(layout, Enumerable.Range(0, paths).Select(static i => $"d{i % 1000}/.wh.f{i:d7}"))];
        var config = Blob(layout, MediaTypes.OciConfig, Encoding.UTF8.GetBytes(
            $$$"""{"os":"linux","architecture":"{{{Platform.Current.Architecture}}}","rootfs":{"type":"layers","diff_ids":[{{{string.Join(',', layers.Select(layer => layer.DiffId))}}}]}}"""));
        var manifest = Blob(layout, MediaTypes.OciManifest, Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{config}},"layers":[{{string.Join(',', layers.Select(layer => layer.Blob))}}]}"""));
        File.WriteAllText(layout + "/index.json", $$"""{"schemaVersion":2,"manifests":[{{manifest}}]}""");
        File.WriteAllText(layout + "/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
        if (Environment.IsPrivilegedProcess)
        {
            World.Tool("chown", "-R", $"{World.User}:{World.User}", layout).Succeeds(); // so that the account can remove it
        }
    }

    private static string Blob(string layout, string type, byte[] bytes)
    {
        var hex = Convert.ToHexStringLower(SHA256.HashData(bytes));
        File.WriteAllBytes($"{layout}/blobs/sha256/{hex}", bytes);
        return $$"""{"mediaType":"{{type}}","digest":"sha256:{{hex}}","size":{{bytes.Length}}}""";
    }

    private static (string Blob, string DiffId) Layer(string layout, IEnumerable<string> names)
    {
        using var diffId = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            void Add(ReadOnlySpan<byte> bytes)
            {
                gzip.Write(bytes);
                diffId.AppendData(bytes);
            }

            var header = Fixtures.TarBuilder.Header('0', [], 0, new());
            foreach (var name in names)
            {
                Rename(header, name);
                Add(header);
            }

            Add(new byte[1024]);
        }

        return (Blob(layout, MediaTypes.OciLayerGzip, packed.ToArray()), $"\"sha256:{Convert.ToHexStringLower(diffId.GetHashAndReset())}\"");
    }

    /// <summary>Another name in the same header, with its checksum: a million headers made from scratch would take longer than the pull.</summary>
    private static void Rename(byte[] header, string name)
    {
        header.AsSpan(0, 100).Clear();
        Encoding.ASCII.GetBytes(name, header);
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var one in header)
        {
            sum += one;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.AsSpan(148));
    }
}
