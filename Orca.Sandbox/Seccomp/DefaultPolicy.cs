using Orca.Core.Sandbox;

namespace Orca.Sandbox.Seccomp;

/// <summary>Docker's default policy for a bounding set, with the differences that orca makes on purpose.</summary>
/// <remarks>
/// The differences: a call that is unknown fails with ENOSYS and not with EPERM, so that newer C libraries fall back; io_uring likewise; an
/// ioctl that types into a terminal is refused; and arguments are compared as the kernel reads them, by their low 32 bits (Docker's rule
/// for sockets compares 64, and lets AF_ALG through when a high bit is set).
/// </remarks>
internal static class DefaultPolicy
{
    private const ulong NewNamespaces = 0x7E020000; // CLONE_NEWNS|NEWCGROUP|NEWUTS|NEWIPC|NEWUSER|NEWPID|NEWNET
    private const ulong TypeIntoTerminal = 0x5412, PasteIntoConsole = 0x541C; // TIOCSTI, TIOCLINUX
    private const ulong CryptoSockets = 38, MachineSockets = 40; // AF_ALG, AF_VSOCK
    private static readonly ulong[] s_personalities = [0, 8, 0x20000, 0x20008, 0xffffffff]; // Linux, 32-bit, old uname, both, a query

    /// <summary>The policy for what the container may do at most.</summary>
    internal static FilterPolicy For(CapabilitySet bounding)
    {
        var rules = new List<FilterRule>();
        AddArgumentRules(rules, bounding);
        AddTable(rules, bounding);
        return new FilterPolicy { Rules = rules, Otherwise = Verdict.Refuse, Unknown = Verdict.Absent };
    }

    private static void AddArgumentRules(List<FilterRule> rules, CapabilitySet bounding)
    {
        rules.Add(new FilterRule(["ioctl"], Verdict.Refuse) { Tests = [new ArgumentTest(1, Comparison.Equal, TypeIntoTerminal)] });
        rules.Add(new FilterRule(["ioctl"], Verdict.Refuse) { Tests = [new ArgumentTest(1, Comparison.Equal, PasteIntoConsole)] });
        rules.Add(new FilterRule(["socket"], Verdict.Refuse) { Tests = [new ArgumentTest(0, Comparison.Equal, CryptoSockets)] });
        rules.Add(new FilterRule(["socket"], Verdict.Refuse) { Tests = [new ArgumentTest(0, Comparison.Equal, MachineSockets)] });
        rules.Add(new FilterRule(["socket"], Verdict.Allow));
        foreach (var personality in s_personalities)
        {
            rules.Add(new FilterRule(["personality"], Verdict.Allow) { Tests = [new ArgumentTest(0, Comparison.Equal, personality)] });
        }

        if (!bounding.Contains(Capability.SysAdmin))
        {
            rules.Add(new FilterRule(["clone"], Verdict.Allow) { Tests = [new ArgumentTest(0, Comparison.MaskedEqual, 0) { Mask = NewNamespaces }] });
        }
    }

    /// <summary>A rule is a line that ends with ':', its calls the indented lines below.</summary>
    private static void AddTable(List<FilterRule> rules, CapabilitySet bounding)
    {
        var head = string.Empty;
        var absent = new List<FilterRule>();
        foreach (var line in SeccompData.Lines("default-policy.txt"))
        {
            if (line[^1] == ':')
            {
                head = line[..^1];
                continue;
            }

            var words = head.Split(' ');
            var names = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "absent")
            {
                absent.Add(new FilterRule(names, Verdict.Absent));
            }
            else if (words.Length == 1 || bounding.Contains(CapabilityName.Parse(words[1])))
            {
                rules.Add(new FilterRule(names, Verdict.Allow));
            }
        }

        rules.AddRange(absent); // last: a capability may have allowed it
    }
}
