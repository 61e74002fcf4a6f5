using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Orca.Tests.Architecture;

/// <summary>docs/host-files.md lists the files that orca did not make, and one reader reads them.</summary>
public sealed partial class HostFileTests
{
    private static readonly Dictionary<string, string> s_others = new(StringComparer.Ordinal)
    {
        ["Orca.Cli/Commands/ArchiveOutput.cs"] = "the destination that a command names",
        ["Orca.Cli/Commands/CopyCommand.cs"] = "this program's own file",
        ["Orca.Registry/Transfers/TransferPath.cs"] = "what 'orca cp' is told to copy",
        ["Orca.Cli/Commands/Run/RunReport.cs"] = "writes the file that --pidfile names",
        ["Orca.Cli/Commands/TerminalInput.cs"] = "the terminal",
        ["Orca.Cli/Parsing/DeviceReader.cs"] = "looks at a device",
        ["Orca.Cli/Parsing/HostMounts.cs"] = "looks at the source of a mount",
        ["Orca.Core/Containers/ContainerProcess.cs"] = "processes of a container, below the reader",
        ["Orca.Core/Containers/ContainerRunner.Kept.cs"] = "writes the file that --cidfile names",
        ["Orca.Core/Containers/HostTree.cs"] = "looks at the source of a mount",
        ["Orca.Core/Containers/MountSource.cs"] = "looks at the source of a mount",
        ["Orca.Core/Containers/ProgramDiagnosis.cs"] = "the source of a mount, with a program that could not be run",
        ["Orca.Core/Containers/RunningContent.cs"] = "the root of a container that runs",
        ["Orca.Core/Facade/RunningFiles.cs"] = "files that a program names",
        ["Orca.Core/Host/HostFileReader.cs"] = "the reader",
        ["Orca.Core/Linux/CLibrary.cs"] = "this process, below the reader",
        ["Orca.Core/Linux/ProcessBirth.cs"] = "a process, below the reader",
        ["Orca.Core/Linux/ProcessImage.cs"] = "this process, below the reader",
        ["Orca.Registry/Archives/ArchiveInput.cs"] = "the archive that a command names",
        ["Orca.Registry/Archives/FlatImage.cs"] = "a store",
        ["Orca.Registry/Archives/TreeLevels.cs"] = "a descriptor of a tree, by its name in /proc",
        ["Orca.Registry/Remote/Logins/AuthFile.cs"] = "writes logins",
        ["Orca.Registry/Store/ImageTree.cs"] = "a store",
        ["Orca.Registry/Store/StoreProbe.cs"] = "a store",
        ["Orca.Registry/Store/StoreRoot.cs"] = "a store",
        ["Orca.Registry/Store/TreeCopier.cs"] = "a descriptor of a tree, by its name in /proc",
        ["Orca.Sandbox/Diagnosis/KernelProbe.cs"] = "a device",
        ["Orca.Sandbox/Launch/CommandStreams.cs"] = "/dev/null",
        ["Orca.Sandbox/Launch/SandboxProcess.cs"] = "the root of a container that runs",
        ["Orca.Sandbox/Launch/ControlGroup.cs"] = "writes to a control group",
        ["Orca.Sandbox/Launch/Handover.cs"] = "this program",
        ["Orca.Sandbox/Launch/HostProbe.cs"] = "looks at the source of a mount",
        ["Orca.Sandbox/Launch/JoinTarget.cs"] = "namespaces",
        ["Orca.Sandbox/Launch/NewNamespaces.cs"] = "namespaces",
        ["Orca.Sandbox/SubIds/SubIdReader.cs"] = "looks at the rights of a program",
    };

    [Test]
    public void EveryReader_HasARow_AndEveryRowAReader()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs/host-files.md"));
        var rows = text.Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).ToList();
        var listed = rows.SelectMany(row => ClassName().Matches(row.Split(" | ")[1]).Select(match => match.Groups[1].Value)).Distinct();
        var readers = Product().Where(source => source.Text.Contains("HostFileReader.", StringComparison.Ordinal) || source.Path.EndsWith("/KeptOptions.cs", StringComparison.Ordinal))
            .Select(source => Path.GetFileNameWithoutExtension(source.Path));
        Assert.That(listed, Is.EquivalentTo(readers));
    }

    [Test]
    public void NoOtherClass_OpensFilesByPath() =>
        Assert.That(Product().Where(source => Opening().IsMatch(source.Text)).Select(source => source.Path), Is.EquivalentTo(s_others.Keys), "read foreign files with HostFileReader, or give a reason here");

    /// <summary>An exception of the container's files must not keep it from starting.</summary>
    [Test]
    public void FilesOfTheContainer_AreReadByTheirReader() =>
        Assert.That(
            Product().Where(source => source.Path.StartsWith("Orca.Core/Containers/", StringComparison.Ordinal) && ContainerRead().IsMatch(source.Text)).Select(source => source.Path),
            Is.EquivalentTo(["Orca.Core/Containers/ContainerFileReader.cs", "Orca.Core/Containers/ProgramDiagnosis.cs"])); // the second after a failure, which it never replaces

    private static IEnumerable<(string Path, string Text)> Product() => Repository.Sources(".cs").Where(static path => !path.StartsWith("Orca.Tests/", StringComparison.Ordinal))
        .Select(static path => (path, File.ReadAllText(Path.Combine(Repository.Root, path))));

    [GeneratedRegex("`([A-Z][a-z][A-Za-z]+)`")]
    private static partial Regex ClassName();

    [GeneratedRegex(@"(?<![A-Za-z])File\.(Open|ReadAll|ReadLines)\w*\(|new FileStream\(|(?<![A-Za-z])Directory\.(GetFiles|Enumerate\w+)\(|FileSystem\.(Try)?Open\(null|FromPemFile")]
    private static partial Regex Opening();

    [GeneratedRegex(@"container\.Read(File|Start)\(")]
    private static partial Regex ContainerRead();
}
