namespace Orca.Registry.Remote;

/// <summary>One request, before redirects: a GET, a POST of a form, or a step of an upload.</summary>
internal sealed record Ask
{
    /// <summary>What is asked for.</summary>
    internal required Uri Uri { get; init; }

    /// <summary>The Authorization header; goes to the origin of <see cref="Uri"/> and nowhere else.</summary>
    internal string? Authorization { get; init; }

    /// <summary>The Accept header.</summary>
    internal string? Accept { get; init; }

    /// <summary>The first byte that is wanted.</summary>
    internal long Offset { get; init; }

    /// <summary>A form that is posted; it holds a secret, so that no redirect may take it on.</summary>
    internal string? Form { get; init; }

    /// <summary>The method of an upload; null for a GET, or the POST of a form.</summary>
    internal HttpMethod? Method { get; init; }

    /// <summary>Makes the body of an upload anew for each try; null for none.</summary>
    internal Func<HttpContent>? Body { get; init; }

    /// <summary>True: a failure is the caller's to handle, who must know how much arrived before anything is sent again.</summary>
    internal bool IsOnce { get; init; }

    /// <summary>True when a token server is asked.</summary>
    internal bool ForToken { get; init; }

    /// <summary>How an error message starts.</summary>
    internal required string Failure { get; init; }
}

/// <summary>What came back, after redirects.</summary>
/// <param name="Response">Status and headers; the body is not read yet.</param>
/// <param name="Uri">Who answered.</param>
internal sealed record Answer(HttpResponseMessage Response, Uri Uri) : IDisposable
{
    /// <summary>A header as it came, however malformed; the first when there are several.</summary>
    internal string? Header(string name) => Headers(name).FirstOrDefault();

    /// <summary>All headers of a name, as they came.</summary>
    internal IEnumerable<string> Headers(string name) =>
        Response.Headers.NonValidated.TryGetValues(name, out var values) || Response.Content.Headers.NonValidated.TryGetValues(name, out values) ? values : [];

    public void Dispose() => Response.Dispose();
}
