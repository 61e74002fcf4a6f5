namespace Orca.Cli.Commands;

/// <summary>The user asked the program to stop.</summary>
internal sealed class InterruptedException(int exitStatus) : OperationCanceledException
{
    /// <summary>128 and the signal's number.</summary>
    public int ExitStatus => exitStatus;
}
