using Orca.Tests.Architecture;

namespace Orca.Tests.EndToEnd;

/// <summary>Fixtures/probe.c, built when it is first wanted: makes system calls as told, and prints what they return.</summary>
internal static class SystemCallProbe
{
    private static readonly Lazy<string> s_x64 = new(static () => Build("probe", []));
    private static readonly Lazy<string> s_i386 = new(static () => Build("probe32", ["-m32"]));

    private static readonly Lazy<string> s_arm64 = new(static () => Build("probe-arm64", ["--target=aarch64-linux-gnu"]));
    private static readonly Lazy<string> s_arm = new(static () => Build("probe-arm", ["--target=arm-linux-gnueabihf", "-marm", "-fomit-frame-pointer"]));

    public static string X64 => s_x64.Value;

    public static string I386 => s_i386.Value;

    public static string Arm64 => s_arm64.Value;

    public static string Arm => s_arm.Value;

    private static string Build(string name, string[] options)
    {
        var path = Path.Combine(World.Root, name);
        var source = Path.Combine(Repository.Root, "Orca.Tests", "Fixtures", "probe.c");
        World.Tool("clang", [.. options, "-O1", "-nostdlib", "-static", "-fuse-ld=lld", "-fno-pic", "-fno-stack-protector", "-Wl,-z,noexecstack", "-o", path, source]).Succeeds();
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("755", 8));
        return path;
    }
}
