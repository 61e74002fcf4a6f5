namespace Orca.Core.Host;

/// <summary>What one trial on this host has shown.</summary>
/// <param name="Subject">What was tried, in a few words: <c>user namespaces</c>.</param>
/// <param name="Verdict">How it went.</param>
/// <param name="Detail">What is there; or the cause, with the errno by name.</param>
public sealed record HostFinding(string Subject, HostVerdict Verdict, string Detail)
{
    /// <summary>What to type or whom to ask so that it works; null where nothing helps or nothing is needed.</summary>
    public string? Cure { get; init; }
}

/// <summary>How a trial went.</summary>
public enum HostVerdict
{
    /// <summary>It works.</summary>
    Works,

    /// <summary>It does not, and orca does it in another way or goes on without.</summary>
    Fallback,

    /// <summary>It does not, and containers cannot run or images not be pulled.</summary>
    Fails,
}
