namespace Orca.Registry.Remote.Hosts;

/// <summary>Decides whether a login may go to an address.</summary>
/// <remarks>
/// Over TLS, yes. In the clear to a host that the user marked insecure, yes: he said so. In the clear to this machine, as docker does, but only when
/// the port is not another user's: on a shared machine, whoever starts first takes the port of a registry that is down.
/// </remarks>
/// <param name="insecure">What the user marked.</param>
/// <param name="portProblem">Why a port of this machine is not trusted; null when it is.</param>
internal sealed class LoginRules(InsecureHosts insecure, Func<int, string?> portProblem)
{
    /// <summary>Why a login is not sent there; null when it is.</summary>
    internal string? Problem(Uri uri) =>
        uri.Scheme == Uri.UriSchemeHttps || insecure.Contains(uri) ? null
        : AddressRules.IsLoopback(uri.IdnHost) ? portProblem(uri.Port)
        : "the connection is not encrypted";
}
