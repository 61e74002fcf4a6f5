using System.Globalization;

namespace Orca.Sandbox.Planning;

/// <summary>Ends the process well; the last step of a trial, where a container would start its command.</summary>
internal sealed record Leave : Step
{
    public override string ToString() => "leave";
}

/// <summary>Loads a seccomp filter that allows everything (seccomp(2)); with notification, also opens the descriptor by which another process answers calls.</summary>
internal sealed record LoadOpenFilter(bool Notification) : Step
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"load a seccomp filter{(Notification ? " with user notification" : string.Empty)}");
}
