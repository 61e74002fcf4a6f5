using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orca.Core.References;
using Orca.Registry.Remote.Hosts;
using Orca.Registry.Remote.Logins;

namespace Orca.Registry.Remote;

/// <summary>The sessions of a client: one for each repository of a registry, over handlers that all of them share.</summary>
internal sealed class SessionCatalog : IDisposable
{
    private readonly ICredentialSource _credentials;
    private readonly InsecureHosts _insecure;
    private readonly Lazy<HttpMessageInvoker> _invoker;
    private readonly Lazy<SessionTools> _tools;
    private readonly ConcurrentDictionary<string, (RegistryEndpoint Endpoint, RegistryOrigin Origin)> _registries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Registry, string Repository), RegistrySession> _sessions = new();

    /// <summary>Makes a catalog of sessions that log in by what <paramref name="credentials"/> knows.</summary>
    internal SessionCatalog(ICredentialSource credentials, InsecureHosts insecure, LoginRules rules, Func<HttpMessageHandler> handler, TimeProvider time, Action<string> note, ILogger logger)
    {
        (_credentials, _insecure) = (credentials, insecure);
        _invoker = new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(handler()));
        _tools = new Lazy<SessionTools>(() => new SessionTools(new HttpSender(_invoker.Value, insecure, time, logger), insecure, rules, time, note, logger));
    }

    /// <summary>The session for a repository.</summary>
    /// <param name="reference">An image in the repository.</param>
    /// <param name="isInsecure">True when the user wants the registry spoken to whoever it is.</param>
    internal RegistrySession Get(ImageReference reference, bool isInsecure)
    {
        var (endpoint, origin) = Registry(reference.Registry, isInsecure);
        return _sessions.GetOrAdd((reference.Registry, reference.Repository), key =>
        {
            _credentials.RequireNamed();
            return new RegistrySession(endpoint, origin, key.Repository, _credentials, _tools.Value);
        });
    }

    /// <summary>A session for a registry as a whole, with a login of its own; the caller disposes it.</summary>
    internal RegistrySession Open(string registry, ICredentialSource credentials, bool isInsecure)
    {
        var (endpoint, origin) = Registry(registry, isInsecure);
        return new RegistrySession(endpoint, origin, null, credentials, _tools.Value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }

        if (_invoker.IsValueCreated)
        {
            _invoker.Value.Dispose();
        }
    }

    private (RegistryEndpoint Endpoint, RegistryOrigin Origin) Registry(string registry, bool isInsecure) => _registries.GetOrAdd(registry, name =>
    {
        if (isInsecure)
        {
            _insecure.Add(name == ImageReference.DefaultRegistry ? "registry-1.docker.io" : name);
        }

        var endpoint = new RegistryEndpoint(name, _insecure);
        return (endpoint, new RegistryOrigin(endpoint, _invoker.Value));
    });
}
