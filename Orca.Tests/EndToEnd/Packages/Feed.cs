using NUnit.Framework;
using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd.Packages;

/// <summary>The packages of this checkout in a feed of their own, for programs of the ordinary account.</summary>
/// <remarks>Packages of others come from the cache of whoever runs the tests, which the account may not look into: it is linked to a place of the world's. What is not there is fetched.</remarks>
[SetUpFixture]
public sealed class Feed
{
    /// <summary>What the test for SourceLink looks for.</summary>
    public const string Repository = "https://git.example/orca";

    /// <summary>Where the packages are.</summary>
    public static string Directory { get; private set; } = string.Empty;

    /// <summary>An archive with a root file system of busybox.</summary>
    public static string Image { get; private set; } = string.Empty;

    /// <summary>What NuGet takes packages from.</summary>
    public static string Configuration { get; private set; } = string.Empty;

    [OneTimeSetUp]
    public void Pack()
    {
        if (World.Root.Length == 0)
        {
            return; // the tests below are ignored
        }

        Directory = System.IO.Directory.CreateDirectory(Path.Combine(World.Root, "feed")).FullName;
        var pack = new Command(Path.Combine(Architecture.Repository.Root, ".ci", "pack"), Directory).AsCaller().In(Architecture.Repository.Root).Within(900).With("ORCA_REPOSITORY", Repository);
        foreach (var name in Inherited)
        {
            if (Surroundings.Caller(name) is { } value)
            {
                pack.With(name, value);
            }
        }

        pack.Run().Succeeds();
        var cache = Surroundings.Caller("NUGET_PACKAGES") ?? Path.Combine(Surroundings.Caller("HOME") ?? "/root", ".nuget", "packages");
        var shared = Path.Combine(World.Root, "cache");
        new Command("sh", "-c", "cp -al \"$0\" \"$1\" 2>/dev/null || { rm -rf \"$1\"; cp -a --reflink=auto \"$0\" \"$1\"; }; chmod -R a+rX \"$1\"", cache, shared).AsCaller().Within(600).Run().Succeeds();
        Configuration = $"""
            <configuration>
              <packageSources><add key="orca" value="{Directory}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="cache" value="{shared}" /></fallbackPackageFolders>
            </configuration>
            """;
        var busybox = File.ReadAllBytes("/bin/busybox");
        var executable = new HeaderFields { Mode = TarBuilder.Octal(0b111_101_101, 8) };
        Image = Path.Combine(World.Root, "busybox.tar");
        File.WriteAllBytes(Image, new TarBuilder().Dir("bin/").Entry('0', "bin/busybox", busybox, executable).Link("bin/sh", "busybox").Link("bin/echo", "busybox").Link("bin/sleep", "busybox").Build());
    }

    /// <summary>What a build takes from the surroundings.</summary>
    internal static string[] Inherited => ["HOME", "NUGET_PACKAGES", "ORCA_FIXTURES", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "CI"];
}
