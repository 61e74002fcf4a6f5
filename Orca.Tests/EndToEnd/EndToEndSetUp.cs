using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>Builds the world once for all end-to-end tests, and takes it down.</summary>
[SetUpFixture]
public sealed class EndToEndSetUp
{
    [OneTimeSetUp]
    public void Build()
    {
        if (World.Build() is { } missing)
        {
            Assert.Ignore(missing);
        }
    }

    [OneTimeTearDown]
    public void Clear() => World.Clear();
}
