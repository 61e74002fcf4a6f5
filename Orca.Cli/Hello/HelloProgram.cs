namespace Orca.Cli.Hello;

/// <summary>The program of the image built into orca; see hello.c.</summary>
internal static class HelloProgram
{
    /// <summary>Tells the program when it was asked for, in nanoseconds of the monotonic clock, so that it can say how long its start took.</summary>
    public const string AskedVariable = "ORCA_HELLO_ASKED";

    /// <summary>The program's bytes.</summary>
    public static byte[] Read()
    {
        using var resource = typeof(HelloProgram).Assembly.GetManifestResourceStream("hello")
            ?? throw new InvalidOperationException("the binary was built without its hello program");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>A timestamp as CLOCK_MONOTONIC has it: what .NET's timestamps are on Linux.</summary>
    public static long Nanoseconds(long timestamp, TimeProvider time) => (long)((Int128)timestamp * 1_000_000_000 / time.TimestampFrequency);
}
