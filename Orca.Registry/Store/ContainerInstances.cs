using System.Globalization;
using System.Text;
using Orca.Core.Containers;
using Orca.Core.Linux;
using static Tmds.Linux.LibC;

namespace Orca.Registry.Store;

/// <summary>The runs that are under way: what a container's holder writes down once its command runs, and how another process finds it.</summary>
/// <remarks>
/// <code>
///   containers/NAME/lock      held by the process that runs the container; its id
///   containers/NAME/started   that id again, the first process of the container, and when that began
///   containers/NAME/run.json  of a kept container: the record with this run's options, which may differ from those that are remembered
/// </code>
/// What a killed run has left names another holder, or a process that is not there any more. It is no harm: the next run writes over it.
/// </remarks>
internal static class ContainerInstances
{
    internal const string StartedName = "started";
    private const string RunName = "run.json";
    private const int MaxStarted = 64;

    /// <summary>Writes down a run whose command runs. Where that cannot be, the run goes on, and nobody else finds its process.</summary>
    internal static void TryWrite(Fd root, ContainerRecord record, bool isKept, int process)
    {
        try
        {
            using var directory = FileSystem.Open(root, PathZ.From(StorePaths.Container(record.Name)), O_PATH | O_DIRECTORY | O_NOFOLLOW);
            if (isKept)
            {
                Forget(root, record.Name); // of a run that left it to its keeper; written over, ext4 would flush it
                StoreDirectory.Write(directory, RunName, ContainerRecordWriter.Write(record, isKept));
            }

            var started = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {process} {ProcessBirth.Of(process)}\n");
            StoreDirectory.Write(directory, StartedName, Encoding.ASCII.GetBytes(started)); // last: it says that the other is whole
        }
        catch (LinuxException)
        {
            // a full disk, most likely
        }
    }

    /// <summary>Takes back what was written down, while the container is still held.</summary>
    internal static void Forget(Fd root, string name) => FileSystem.TryUnlink(root, PathZ.From($"{StorePaths.Container(name)}/{StartedName}"));

    /// <summary>The run of a container; null when nobody holds it, or its command does not run yet, or any more.</summary>
    internal static ContainerInstance? Find(Fd root, string name)
    {
        if (!ContainerCatalog.IsHeld(root, name) || Read(root, name) is not var (holder, process) || holder != ContainerCatalog.HolderOf(root, name)
            || ProcessBirth.Of(process.Id) != process.Born)
        {
            return null;
        }

        var record = ContainerCatalog.Read(root, name) is not { } entry ? null : !entry.IsKept ? entry.Record
            : StoreDirectory.TryRead(root, $"{StorePaths.Container(name)}/{RunName}", ContainerRecordReader.MaxLength) is { } bytes ? ContainerRecordReader.Read(bytes)?.Record : null;
        return record is null ? null : new ContainerInstance(record, process);
    }

    private static (int Holder, ProcessIdentity Process)? Read(Fd root, string name) =>
        StoreDirectory.TryRead(root, $"{StorePaths.Container(name)}/{StartedName}", MaxStarted) is { } bytes
        && Encoding.ASCII.GetString(bytes).TrimEnd('\n').Split(' ') is [var holder, var process, var born]
        && int.TryParse(holder, NumberStyles.None, CultureInfo.InvariantCulture, out var held) && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && long.TryParse(born, NumberStyles.None, CultureInfo.InvariantCulture, out var began) ? (held, new ProcessIdentity(id, began)) : null;
}
