using System.Text;
using NUnit.Framework;
using Orca.Core.Linux;
using Orca.Registry.Layers;
using Orca.Registry.Store;

namespace Orca.Tests.Registry.Store;

[TestFixture]
internal sealed class FileSumTests
{
    [TestCase("", 0xEF46DB3751D8E999UL)]
    [TestCase("a", 0xD24EC4F1A98C6E5BUL)]
    [TestCase("abc", 0x44BC2CF5AD770999UL)]
    [TestCase("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1UL)]
    public void Sum_IsThatOfTheSpecification(string text, ulong sum) => Assert.That(ContentSum.Of(Encoding.ASCII.GetBytes(text)), Is.EqualTo(sum));

    [TestCase(1)]
    [TestCase(262_143)]
    [TestCase(262_144)]
    [TestCase(262_145)]
    [TestCase(1_000_003)]
    public void File_HasTheSumOfItsBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var directory = Directory.CreateTempSubdirectory("orca-sum-").FullName;
        File.WriteAllBytes(directory + "/f", bytes);
        using (var opened = FileSystem.OpenDirectory(null, PathZ.From(directory)))
        {
            Assert.That(new FileSum(Orca.Registry.Layers.Spill.SpillSpace.Unlimited).Of(opened, "f"u8.ToArray(), FileSystem.Status(opened, PathZ.From("f"))), Is.EqualTo(ContentSum.Of(bytes)));
        }

        Directory.Delete(directory, recursive: true);
    }
}
