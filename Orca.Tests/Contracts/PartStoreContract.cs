using NUnit.Framework;
using Orca.Core.Images;
using Orca.Core.References;

namespace Orca.Tests.Contracts;

/// <summary>What every part store promises.</summary>
internal abstract class PartStoreContract
{
    private static readonly Descriptor s_blob = Blob('a', 10);

    protected abstract IPartStore Store { get; }

    [Test]
    public void Open_Nothing_IsEmpty()
    {
        using var part = Store.Open(s_blob);
        Assert.That(part.Length, Is.Zero);
    }

    [Test]
    public void Dispose_KeepsTheBytes_AndTheNextOneGoesOn()
    {
        using (var part = Store.Open(s_blob))
        {
            part.Append("abc"u8);
        }

        using var again = Store.Open(s_blob);
        Assert.That(again.Length, Is.EqualTo(3));
        again.Append("de"u8);
        Assert.That(Read(again), Is.EqualTo("abcde"));
    }

    [Test]
    public void Parts_OfDifferentBlobs_AreApart()
    {
        using var one = Store.Open(s_blob);
        one.Append("abc"u8);
        using var two = Store.Open(Blob('b', 10));
        Assert.That(two.Length, Is.Zero);
    }

    [Test]
    public void Reader_SeesWhatIsAppendedLater_AndCanGoBack()
    {
        using var part = Store.Open(s_blob);
        using var reader = part.OpenRead();
        var buffer = new byte[10];
        Assert.That(reader.Read(buffer), Is.Zero);
        part.Append("abc"u8);
        Assert.That(reader.Read(buffer), Is.EqualTo(3));
        Assert.That(reader.Read(buffer), Is.Zero);
        reader.Position = 0;
        Assert.That(reader.Read(buffer), Is.EqualTo(3));
    }

    [Test]
    public void Reset_ForgetsTheBytes_ButNotForWhoReadsThem()
    {
        using var part = Store.Open(s_blob);
        part.Append("abc"u8);
        using var reader = part.OpenRead();
        part.Reset();
        Assert.That(part.Length, Is.Zero);
        part.Append("xy"u8);
        Assert.That(Read(part), Is.EqualTo("xy"));
        Assert.That(new StreamReader(reader).ReadToEnd(), Is.EqualTo("abc"));
    }

    [Test]
    public void Delete_ForgetsTheBytes_ButNotForWhoReadsThem()
    {
        Stream reader;
        using (var part = Store.Open(s_blob))
        {
            part.Append("abc"u8);
            reader = part.OpenRead();
            part.Delete();
        }

        using (reader)
        using (var again = Store.Open(s_blob))
        {
            Assert.That(again.Length, Is.Zero);
            Assert.That(new StreamReader(reader).ReadToEnd(), Is.EqualTo("abc"));
        }
    }

    [Test]
    public void Open_PartLongerThanItsBlob_StartsAnew()
    {
        using (var part = Store.Open(s_blob))
        {
            part.Append("0123456789"u8);
        }

        using var again = Store.Open(s_blob with { Size = 9 });
        Assert.That(again.Length, Is.Zero);
    }

    [Test]
    public void Open_HeldByAnother_WaitsUntilItLetsGo()
    {
        var part = Store.Open(s_blob);
        var second = Task.Run(() =>
        {
            using var waiting = Store.Open(s_blob);
            return waiting.Length;
        });
        Assert.That(second.Wait(50), Is.False);
        part.Append("abc"u8);
        part.Dispose();
        Assert.That(second.Result, Is.EqualTo(3));
    }

    [Test]
    public void Open_HeldByAnother_CanBeCancelled()
    {
        using var part = Store.Open(s_blob);
        using var cancel = new CancellationTokenSource(50);
        Assert.That(() => Store.Open(s_blob, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private static Descriptor Blob(char digit, long size) =>
        new() { MediaType = MediaTypes.OciLayer, Digest = Digest.Parse("sha256:" + new string(digit, 64)), Size = size };

    private static string Read(IBlobPart part)
    {
        using var reader = new StreamReader(part.OpenRead());
        return reader.ReadToEnd();
    }
}
