using System.Threading.Channels;

namespace Orca.Tests.Samples;

/// <summary>Sample: N workers that take jobs from a queue and run each in a container of its own.</summary>
internal sealed class BuildFarm(IOrca orca, string image, int workers)
{
    /// <summary>Runs all jobs and returns their results in the order of the jobs. A job that fails does not stop the others.</summary>
    public async Task<ContainerResult[]> RunAsync(IReadOnlyList<string> jobs, CancellationToken cancellationToken)
    {
        var queue = Channel.CreateUnbounded<int>();
        for (var i = 0; i < jobs.Count; i++)
        {
            queue.Writer.TryWrite(i);
        }

        queue.Writer.Complete();
        var results = new ContainerResult[jobs.Count];
        await Task.WhenAll(Enumerable.Range(0, workers).Select(async _ =>
        {
            await foreach (var job in queue.Reader.ReadAllAsync(cancellationToken))
            {
                results[job] = await orca.RunAsync(image, ["sh", "-c", jobs[job]], cancellationToken);
            }
        }));
        return results;
    }
}
