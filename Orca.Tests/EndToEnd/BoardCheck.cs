namespace Orca.Tests.EndToEnd;

/// <summary>A line of shell that an emulated board runs, and how it has to end.</summary>
/// <param name="Name">What is expected, as a sentence.</param>
/// <param name="Line">Runs in the home of 'pi' with both outputs in one file; the images busybox, arm32 and tools are there.</param>
/// <param name="Output">All that it prints; null when <see cref="Contains"/> says what matters.</param>
internal sealed record BoardCheck(string Name, string Line, string? Output = null)
{
    public int Status { get; init; }

    public string[] Contains { get; init; } = [];

    public bool AsRoot { get; init; }

    /// <summary>Not on the board whose kernel has pages of 16 KB: the size of pages changes nothing, or 32-bit programs do not run there.</summary>
    public bool OnSmallPagesOnly { get; init; }

    /// <summary>Only on the board whose kernel has pages of 16 KB.</summary>
    public bool OnLargePagesOnly { get; init; }

    /// <summary>Keys that are pressed at the console when it shows a text; the line then has the console as its terminal.</summary>
    public (string When, string Keys)? Typed { get; init; }

    /// <summary>For the name of the test.</summary>
    public override string ToString() => Name;
}
