using Orca.Core.Containers;

namespace Orca.Tests.Samples;

/// <summary>Sample: what a tool prints, without the tool on the host.</summary>
internal static class ToolOutput
{
    /// <summary>Returns the lines that a tool prints about a directory of the host, which it can only read.</summary>
    public static async Task<string[]> ReadAsync(IOrca orca, string image, string directory, ValueList<string> tool, CancellationToken cancellationToken)
    {
        var result = await orca.RunAsync(
            new ContainerStart(image, tool)
            {
                Mounts = [new(directory, "/data", ReadOnly: true)],
                WorkingDirectory = "/data",
                Network = NamespaceMode.Own, // no network but a loopback device
                Timeout = TimeSpan.FromMinutes(1),
                ThrowOnFailure = true,
            },
            cancellationToken);
        return result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
