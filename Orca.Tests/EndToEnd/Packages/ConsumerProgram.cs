using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd.Packages;

/// <summary>A program that <c>dotnet new console</c> made, with the packages, in a home of the ordinary account.</summary>
internal sealed class ConsumerProgram : IDisposable
{
    /// <summary>The first lines of the documentation, but that the image is loaded and not pulled; and a container that stands until it is killed.</summary>
    private const string Source = """
        using Microsoft.Extensions.DependencyInjection;
        using Orca;
        using Orca.Core.Images;
        using Orca.Core.References;
        using Orca.Registry;
        using Orca.Sandbox;

        await using var services = new ServiceCollection().AddOrcaRegistry().AddOrcaSandbox().BuildServiceProvider();
        var orca = services.GetRequiredService<IOrca>();
        await orca.Images.LoadAsync(new LoadRequest { Location = ImageLocation.OfPath(args[0]), Name = ImageReference.Parse("alpine") });
        var hello = await orca.RunAsync("alpine", ["echo", "hello"]);
        Console.Write(hello.StandardOutput);
        if (args.Length > 1)
        {
            await using var standing = await orca.StartAsync(new ContainerStart("alpine", ["sleep", args[1]]));
            Console.WriteLine("standing");
            await standing.WaitForExitAsync();
        }
        """;

    private const string References = """
        <ItemGroup>
          <PackageReference Include="Orca.Registry" Version="0.1.0" />
          <PackageReference Include="Orca.Sandbox" Version="0.1.0" />
          <PackageReference Include="Microsoft.Extensions.DependencyInjection" Version="10.0.0" />
        </ItemGroup>
        """;

    private readonly Home _home = new("consumer");

    /// <summary>Makes the program, but does not build it.</summary>
    public ConsumerProgram()
    {
        _home.Write("NuGet.Config", Feed.Configuration);
        Dotnet("new", "console", "--output", "app", "--no-restore").Run().Succeeds();
        _home.Write("app/Program.cs", Source);
        var project = Path.Combine(_home.Directory, "app/app.csproj");
        _home.Write("app/app.csproj", File.ReadAllText(project).Replace(
            "</PropertyGroup>", $"  <TreatWarningsAsErrors>true</TreatWarningsAsErrors>\n    <AnalysisLevel>latest-recommended</AnalysisLevel>\n  </PropertyGroup>\n{References}", StringComparison.Ordinal));
    }

    /// <summary>Publishes it; the result is the outcome of the build, and the directory.</summary>
    /// <remarks>The shim for OpenSSL of static programs is compiled by the SDK, with warnings that are its own; the variables silence them, as .ci/publish does.</remarks>
    public (Outcome Outcome, string Directory) Publish(params string[] properties) => Publish(properties, flags: string.Empty, cmake: string.Empty);

    /// <summary>Publishes it with more flags for the C compiler and for cmake.</summary>
    public (Outcome Outcome, string Directory) Publish(string[] properties, string flags, string cmake)
    {
        var output = Path.Combine(_home.Directory, "out");
        var publish = Dotnet(["publish", "app", "-c", "Release", "-o", output, "-v", "q", "--nologo", .. properties])
            .With("CFLAGS", $"-Wno-unused-value {flags}").With("CMAKE_EXTRA_ARGS", $"--no-warn-unused-cli {cmake}").With("LDFLAGS", "-fuse-ld=lld");
        return (publish.Run(), output);
    }

    /// <summary>The program, about to be run from a directory of what was published.</summary>
    public Command Program(string directory, params string[] arguments) => _home.Program(Path.Combine(directory, "app"), arguments).With("DOTNET_ROOT", "/usr/share/dotnet");

    public void Dispose() => _home.Dispose();

    private Command Dotnet(params string[] arguments)
    {
        var command = _home.Program("dotnet", arguments).Within(900)
            .With("DOTNET_CLI_TELEMETRY_OPTOUT", "1").With("DOTNET_NOLOGO", "1").With("DOTNET_CLI_USE_MSBUILD_SERVER", "0").With("MSBUILDDISABLENODEREUSE", "1").With("UseSharedCompilation", "false");
        foreach (var name in Feed.Inherited.Where(static name => name is not ("HOME" or "NUGET_PACKAGES" or "CI")))
        {
            if (Surroundings.Caller(name) is { } value)
            {
                command.With(name, value);
            }
        }

        return command;
    }
}
