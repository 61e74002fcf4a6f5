namespace Orca.Tests.EndToEnd;

/// <summary>What <see cref="IdentityTests"/> say of users, on a board: its own programs and 32-bit ones, and the settings of Yama.</summary>
internal static class BoardUsers
{
    private const string Run = "orca run -v /board/identity-arm64:/identity:ro -v /board/probe-arm:/probe:ro busybox";

    public static IEnumerable<BoardCheck> Checks() =>
    [
        new("a program of threads that gives up root is its user from its exec on", $"""
            {Run} /identity threads 33 44 sh -c 'id -u; id -g; touch /tmp/f; stat -c %u:%g /tmp/f; grep -E "^Cap(Prm|Eff)" /proc/self/status'
            """, "33\n44\n33:44\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000"),
        new("a program of one thread is its user at once", $"{Run} /identity plain 33 44 id -u", "33 33 33 44 44 44\n33"),
        new("a daemon that keeps a capability is its user", $"{Run} /identity part 33 44", "keeps 10\n33 33 33 44 44 44"),
        new("threads that execute while others give up root all end well", $"{Run} /identity race 33 44 true", "150"),
        new("peers are who they say", $"{Run} /identity peers 33 44") { Contains = ["client 0 0\n  of 0 0\nclient 33 44\n  of 33 44\nclient 0 0\n"] },
        new("random calls of hostile programs gain nothing", $"{Run} /identity fuzz 7 2 2>/dev/null", "through"),
        new("a 32-bit arm program is its user at once", $"{Run} /probe 46,44 213,33 199 200 23,34 213,0 206,0,0", "46 0\n213 0\n199 33\n200 44\n23 -1\n213 -1\n206 -1") { OnSmallPagesOnly = true },
        new("a 32-bit arm program is its user from its exec on", $"{Run} /probe 208,33,33,4294967295 -- /probe 199; {Run} /identity threads 33 44 /probe 199 200", "208 0\n199 33\n199 33\n200 44")
        {
            OnSmallPagesOnly = true,
        },
        Yama(1, "where ancestors alone may trace, programs become their users", "/identity threads 33 44 id -u", "33"),
        Yama(2, "where CAP_SYS_PTRACE is needed to trace, changes are answered only", "/identity threads 33 44 id -u", "0"),
        new("where nobody may trace, an entrypoint that would go round for ever ends with a hint", """
            echo 3 >/proc/sys/kernel/yama/ptrace_scope
            echo 'if [ $(id -u) = 0 ]; then exec /identity exec 33 44 sh /e; fi; echo became' >/tmp/e
            su pi -s /bin/sh -c 'cd; orca run -v /board/identity-arm64:/identity:ro -v /tmp/e:/e:ro busybox sh /e'
            """)
        {
            AsRoot = true, Status = 9, Contains = ["cannot make a program user 33", "hint: run with '-u 33'"],
        },
    ];

    private static BoardCheck Yama(int scope, string name, string command, string output) => new(name, $"""
        echo {scope} >/proc/sys/kernel/yama/ptrace_scope
        su pi -s /bin/sh -c 'cd; {Run} {command}'
        """, output) { AsRoot = true };
}
