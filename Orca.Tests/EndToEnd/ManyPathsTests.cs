using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.EndToEnd;

/// <summary>Images with more paths than anybody needs, or with matches from far away: how much memory a real pull of them takes.</summary>
[Category("EndToEnd")]
public sealed class ManyPathsTests
{
    private const int Paths = 1_000_000;
    private const int MaxMegabytes = 64; // docs/layers.md has what is measured of more paths, and of other kinds

    /// <summary>Whiteouts and devices are what an image can say most of for the least, as neither makes anything on the disk: the ones are remembered until the base is there, the others to the end.</summary>
    /// <remarks>Without files for what there is no memory for it were 206 and 268 MB.</remarks>
    [TestCase(false, TestName = "T47_MillionPaths_FromTheTop_TakeNoMoreMemoryThanOthers")]
    [TestCase(true, TestName = "T47_MillionPaths_FromTheBase_TakeNoMoreMemoryThanOthers")]
    public void T47_MillionPaths_TakeNoMoreMemoryThanOthers(bool isFromTheBase)
    {
        using var home = new Home();
        Write(Path.Combine(home.Directory, "layout"), Paths, isFromTheBase);
        AssertPeak(home.Orca("pull", "oci:layout"));
    }

    [Test]
    public void Z12_WindowOf128MiB_IsAllThatIsOnTop()
    {
        using var home = new Home();
        home.Shell("head -c 70M /dev/urandom > once && cp once again && tar c once again | zstd -q -1 --long=27 > tree.tar.zst").Succeeds();
        Assert.That(new FileInfo(home.Directory + "/tree.tar.zst").Length, Is.LessThan(80 << 20), "it looks far back");
        AssertPeak(home.Orca("load", "tree.tar.zst"), MaxMegabytes + 128);
        Assert.That(home.Files().Where(path => path.Contains("/staging/", StringComparison.Ordinal)), Is.Empty);
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

    private static void AssertPeak(Command command, int most = MaxMegabytes)
    {
        using var running = command.Start();
        var peak = 0;
        Assert.That(World.Eventually(() => (peak = Math.Max(peak, PeakMegabytes(running.Id))) < 0 || !File.Exists($"/proc/{running.Id}/exe") || IsOver(running.Id), 240), Is.True);
        running.Wait().Succeeds();
        TestContext.Out.WriteLine($"{peak} MB at the most");
        Assert.That(peak, Is.GreaterThan(10).And.LessThan(most));
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

    /// <summary>A full disk is told in the same words when it is what is known of the paths that finds no room: of devices nothing else comes to the disk.</summary>
    [Test]
    public void T47_ManyPaths_OnAFullDisk_AreTold()
    {
        Needs.Root("a small file system is mounted");
        using var home = new Home();
        home.Shell("mkdir small").Succeeds();
        Write(home.Directory + "/layout", 400_000);
        var script = "mount -t tmpfs -o mode=777,size=10m small \"$1\" && shift && exec \"$@\"";
        var told = home.Orca("--root", home.Directory + "/small/store", "pull", "-q", "oci:layout").Under("unshare", "-m", "sh", "-c", script, "sh", home.Directory + "/small").Run().Ends(125).Errors;
        Assert.That(told, Does.Contain("cannot store the image: no space left in '").And.Contain("ORCA_ROOT"));
    }

    /// <summary>A layout of one image: a base of one file, and a layer that takes away many that never were, and has half as many devices.</summary>
    internal static void Write(string layout, int paths, bool isFromTheBase = false)
    {
        Directory.CreateDirectory(layout + "/blobs/sha256");
        var many = Enumerable.Range(0, paths).Select(static i => $"d{i % 1000}/.wh.f{i:d7}").Concat(Enumerable.Range(0, paths / 2).Select(static i => $"dev{i % 1000}/null{i:d7}"));
        (string Blob, string DiffId)[] layers = isFromTheBase ? [Layer(layout, ["lib"], '2'), Layer(layout, many), Layer(layout, ["lib/x"])] : [Layer(layout, ["etc/motd"]), Layer(layout, many)];
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

    private static (string Blob, string DiffId) Layer(string layout, IEnumerable<string> names, char type = '0')
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

            var header = Fixtures.TarBuilder.Header(type, [], 0, new() { Target = "usr/lib"u8.ToArray() });
            var device = Fixtures.TarBuilder.Header('3', [], 0, new() { Major = "0000001\0"u8.ToArray() });
            foreach (var name in names)
            {
                var next = name.StartsWith("dev", StringComparison.Ordinal) ? device : header;
                Rename(next, name);
                Add(next);
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
