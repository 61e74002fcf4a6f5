using Orca.Cli.Parsing;
using Orca.Core.Containers;
using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Cli.Commands.Run;

/// <summary>The options of <c>orca run</c> about the network, names, and what is shared with the host.</summary>
internal static class NetworkSyntax
{
    public static readonly Option AddHost = new(null, "add-host", "NAME:ADDRESS", "A line of /etc/hosts; 'host-gateway' as address means this machine");
    public static readonly Option Dns = new(null, "dns", "ADDRESS", "Ask this name server instead of the host's");
    public static readonly Option DnsOption = new(null, "dns-option", "OPTION", "An option of resolv.conf instead of the host's");
    public static readonly Option DnsSearch = new(null, "dns-search", "DOMAIN", "Try short names in this domain instead of the host's ('.' for none)");
    public static readonly Option Hostname = new('h', "hostname", "NAME", "Host name inside");
    public static readonly Option HttpProxy = new(null, "http-proxy", null, "Hand in your proxy variables (default: those without a password)");
    public static readonly Option Ipc = new(null, "ipc", "WHOSE", "'private' (default), 'host', or 'none' (no /dev/shm): shared memory and queues");
    public static readonly Option Network = new(null, "network", "WHOSE", "'host' (default) or 'none': nothing but loopback");
    public static readonly Option NoHosts = new(null, "no-hosts", null, "Leave /etc/hosts as the image has it");
    public static readonly Option Pid = new(null, "pid", "WHOSE", "'private' (default) or 'host': the processes; those of yours can then be signalled");
    public static readonly Option Uts = new(null, "uts", "WHOSE", "'private' (default) or 'host': the host name");

    public static readonly Option[] Options =
    [
        AddHost, Dns, DnsOption, DnsSearch, Hostname, HttpProxy, Ipc, Network, NoHosts, Pid, Uts,
        new(null, "dns-opt", "OPTION", string.Empty) { Means = DnsOption },
        new(null, "net", "WHOSE", string.Empty) { Means = Network },
    ];

    /// <summary>Returns what the command line says.</summary>
    /// <exception cref="ReferenceException">One cannot be understood, or asks for what orca does not do.</exception>
    public static NetworkOptions Read(ParsedArguments arguments) => !arguments.Any(Options) ? new NetworkOptions() : new NetworkOptions
    {
        Mode = arguments.Last(Network) is { } network ? ReadNetwork(network) : null,
        Ipc = arguments.Last(Ipc) is { } ipc ? ReadMode("--ipc", ipc is "shareable" or "none" or "" ? "private" : ipc) : null,
        NoSharedMemory = arguments.Last(Ipc) is { } kind ? kind == "none" : null,
        Pid = arguments.Last(Pid) is { } pid ? ReadMode("--pid", pid.Length == 0 ? "private" : pid) : null,
        Uts = arguments.Last(Uts) is { } uts ? ReadMode("--uts", uts.Length == 0 ? "private" : uts) : null,
        Hostname = arguments.Last(Hostname),
        HttpProxy = arguments.Switch(HttpProxy),
        Names = new NameOptions
        {
            Servers = arguments.All(Dns).ConvertAll(Server),
            Search = arguments.All(DnsSearch).ConvertAll(domain => Word("--dns-search", domain)),
            Resolver = arguments.All(DnsOption).ConvertAll(option => Word("--dns-option", option)),
            Hosts = arguments.All(AddHost).ConvertAll(HostEntry.Parse),
            KeepsHosts = arguments.Switch(NoHosts),
        },
    };

    private static NamespaceMode ReadNetwork(string text) => text switch
    {
        "host" => NamespaceMode.Host,
        "none" => NamespaceMode.Own,
        _ => throw new ReferenceException(
            $"cannot use network '{Quoted.Text(text)}': there are only 'host' and 'none'", "leave the option out: the container then uses the host's network as it is"),
    };

    private static NamespaceMode ReadMode(string option, string text) => text switch
    {
        "host" => NamespaceMode.Host,
        "private" => NamespaceMode.Own,
        _ => throw new ReferenceException($"cannot use option '{option}': '{Quoted.Text(text)}' is neither 'private' nor 'host'", UsageError.SeeHelp(RunSyntax.Syntax)),
    };

    private static string Server(string text) => InternetAddress.IsValid(text)
        ? text
        : throw new ReferenceException($"cannot use name server '{Quoted.Text(text)}': it is no address", "for example '--dns 192.0.2.53'");

    /// <summary>What is written into a line of a file must not bring a line of its own.</summary>
    private static string Word(string option, string text) => text.Length > 0 && !text.AsSpan().ContainsAnyInRange('\0', ' ') && !text.Contains('#', StringComparison.Ordinal)
        ? text
        : throw new ReferenceException($"cannot use option '{option}': '{Quoted.Text(text)}' is not one word");
}
