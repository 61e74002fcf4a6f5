using Orca.Sandbox.Seccomp;
using Orca.Tests.Sandbox.Seccomp;

namespace Orca.Tests.EndToEnd;

/// <summary>What the kernel of a board answers in a container, call by call, against what the policy says; as <see cref="SystemCallTests"/> on this machine.</summary>
internal static class BoardSystemCalls
{
    private const uint Arm64 = 0xC00000B7, Arm = 0x40000028;
    private static readonly uint[] s_endsOrStops = [93, 94, 139]; // exit, exit_group, rt_sigreturn

    public static IEnumerable<BoardCheck> Checks()
    {
        foreach (var user in (string[])["0", "1000"])
        {
            yield return Refused($"calls of an arm64 program that the policy refuses to user {user}", user, "probe-arm64", Arm64, ulong.MaxValue);
            yield return Refused($"calls of a 32-bit arm program that the policy refuses to user {user}", user, "probe-arm", Arm, uint.MaxValue) with { OnSmallPagesOnly = true };
            yield return Allowed(user);
        }
    }

    private static BoardCheck Refused(string name, string user, string probe, uint architecture, ulong argument)
    {
        var filter = Filter(user);
        var refused = Enumerable.Range(0, 620).Select(number => (Number: number, Verdict: filter.Run(architecture, (uint)number, [.. Enumerable.Repeat(argument, 6)])))
            .Where(static call => call.Verdict.IsFailure).ToList();
        var expected = refused.Select(static call => $"{call.Number} {-(int)(call.Verdict.Value & 0xffff)}");
        return new BoardCheck(name, Run(user, probe, refused.Select(static call => call.Number)), string.Join('\n', expected));
    }

    /// <summary>What is EPERM or ENOSYS under the filter although the policy allows it is so without a filter.</summary>
    private static BoardCheck Allowed(string user)
    {
        var filter = Filter(user);
        var allowed = Enumerable.Range(0, 470).Where(number => !s_endsOrStops.Contains((uint)number)
            && filter.Run(Arm64, (uint)number, [.. Enumerable.Repeat(ulong.MaxValue, 6)]) == Verdict.Allow).ToList();
        return new BoardCheck($"calls of an arm64 program that the policy allows user {user} reach the kernel", $"""
            {Run(user, "probe-arm64", allowed)} | grep -E ' -(1|38)$' >filtered
            {Run(user, "probe-arm64", allowed, "--security-opt seccomp=unconfined")} >plain
            grep -vxFf plain filtered
            wc -l <plain
            """, allowed.Count.ToString(null, null));
    }

    private static string Run(string user, string probe, IEnumerable<int> numbers, string options = "") =>
        $"orca run -u {user} {options} -v /board/{probe}:/probe:ro busybox /probe {string.Join(' ', numbers)}";

    private static FilterMachine Filter(string user) => new((user == "0" ? PrebuiltFilters.Arm64Root : PrebuiltFilters.Arm64).ToArray());
}
