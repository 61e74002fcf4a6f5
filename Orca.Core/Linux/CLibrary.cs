using System.Runtime.CompilerServices;

namespace Orca.Core.Linux;

/// <summary>What the C library inside a static binary must be told about the host, because it cannot ask the host's own files and modules.</summary>
public static unsafe class CLibrary
{
    private static readonly string[] Libcs = ["/libc.so", "/libc-", "/libc.musl", "/ld-musl"];

    /// <summary>True in a binary that carries its own C library; a program on the JIT, or one with the host's libc loaded, has no need of this class.</summary>
    public static bool IsStatic { get; } = !RuntimeFeature.IsDynamicCodeSupported && !HostLibcIsLoaded();

    /// <summary>Sets a variable where C code looks for it.</summary>
    /// <remarks><see cref="Environment.SetEnvironmentVariable(string, string?)"/> changes a managed copy only. Not safe while other threads call getenv(3).</remarks>
    public static void SetVariable(string name, string value)
    {
        fixed (byte* n = PathZ.From(name).Terminated, v = PathZ.From(value).Terminated)
        {
            Call.Check(Native.setenv(n, v, overwrite: 1), "setenv", PathZ.From(name));
        }
    }

    /// <summary>Makes name lookup use /etc/hosts and DNS, whatever nsswitch.conf says; a no-op unless <see cref="IsStatic"/>.</summary>
    /// <remarks>A static glibc would load the host's NSS modules, which belong to another glibc and may crash it. Call before the first lookup.</remarks>
    public static void UseFilesAndDns()
    {
        if (!IsStatic)
        {
            return;
        }

        try
        {
            fixed (byte* database = "hosts\0"u8, services = "files dns\0"u8)
            {
                _ = Native.__nss_configure_lookup(database, services);
            }
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc has no NSS.
        }
    }

    private static bool HostLibcIsLoaded()
    {
        try
        {
            return File.ReadLines("/proc/self/maps").Any(line => Libcs.Any(name => line.Contains(name, StringComparison.Ordinal)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
