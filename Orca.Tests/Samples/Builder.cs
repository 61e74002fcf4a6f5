namespace Orca.Tests.Samples;

/// <summary>Sample: code that takes an <see cref="IOrca"/>, so that a unit test can give it a fake.</summary>
internal sealed class Builder(IOrca orca)
{
    /// <summary>Compiles a directory, and returns whether that worked with the last line of the errors where it did not.</summary>
    public async Task<(bool Worked, string Error)> BuildAsync(string source, CancellationToken cancellationToken)
    {
        var result = await orca.RunAsync(
            new ContainerStart("gcc", ["make", "-j2"]) { Mounts = [new(source, "/src", ReadOnly: false)], WorkingDirectory = "/src" }, cancellationToken);
        return (result.Exit.Success, result.Exit.Success ? string.Empty : result.StandardError.TrimEnd().Split('\n')[^1]);
    }
}
