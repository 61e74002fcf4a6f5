using Orca.Core.Errors;
using Orca.Core.Linux;

namespace Orca.Core.Containers;

/// <summary>A name for an address, as a line of hosts(5) has it.</summary>
/// <param name="Name">The name: no white space, no '#'.</param>
/// <param name="Address">IPv4 or IPv6 address, or <see cref="Gateway"/>.</param>
public sealed record HostEntry(string Name, string Address)
{
    /// <summary>Stands for the address at which the container reaches the host.</summary>
    public const string Gateway = "host-gateway";

    /// <summary>Reads <c>NAME:ADDRESS</c> or <c>NAME=ADDRESS</c>, the value of Docker's <c>--add-host</c>.</summary>
    /// <exception cref="ReferenceException">There is no name, or no address.</exception>
    public static HostEntry Parse(string text)
    {
        var split = text.AsSpan().IndexOfAny(':', '=');
        var (name, address) = split < 0 ? (text, string.Empty) : (text[..split], text[(split + 1)..]);
        address = address.StartsWith('[') && address.EndsWith(']') ? address[1..^1] : address;
        return !Hostname.IsPlain(name) ? throw Wrong(text, $"'{Quoted.Text(name)}' is no host name")
            : address == Gateway || InternetAddress.IsValid(address) ? new HostEntry(name, address)
            : throw Wrong(text, $"'{Quoted.Text(address)}' is no address");
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => $"{Name}={Address}";

    private static ReferenceException Wrong(string text, string problem) =>
        new($"cannot add host '{Quoted.Text(text)}': {problem}", "for example '--add-host db:192.0.2.7', or 'host.docker.internal:host-gateway' for this machine");
}
