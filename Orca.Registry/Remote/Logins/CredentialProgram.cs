using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Orca.Core.Errors;
using Orca.Registry.Manifests;

namespace Orca.Registry.Remote.Logins;

/// <summary>Speaks with the programs that keep logins for docker and podman: <c>docker-credential-NAME get|store|erase</c>.</summary>
/// <remarks>
/// Source: docker-credential-helpers. The registry goes to its standard input, never to its arguments; of its output at most a mebibyte is read, and none
/// is shown: it may be the secret. It has ten seconds.
/// </remarks>
internal sealed class CredentialProgram(Func<string, string?> environment, TimeSpan? patience = null)
{
    private const int MaxOutput = 1 << 20;
    private const string NotFound = "credentials not found in native keychain";

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(10);

    /// <summary>True when the program is on this machine.</summary>
    /// <exception cref="RegistryException">The name is no name of a helper.</exception>
    internal bool Exists(string name) => Locate(name) is not null;

    /// <summary>The login that a helper keeps for a registry; null when it keeps none.</summary>
    /// <param name="name">The helper, without <c>docker-credential-</c>.</param>
    /// <param name="registry">The registry.</param>
    /// <param name="file">The file that named the helper.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RegistryException">The helper is missing, hangs, fails or talks nonsense.</exception>
    internal async Task<Credential?> GetAsync(string name, string registry, string file, CancellationToken cancellationToken)
    {
        var failure = $"cannot ask the credential helper 'docker-credential-{Quoted.Text(name)}' of '{Quoted.Text(file)}'";
        var (status, output) = await RunAsync(name, "get", ServerOf(registry), failure, cancellationToken).ConfigureAwait(false);
        if (status != 0)
        {
            return output.AsSpan().IndexOf(Encoding.ASCII.GetBytes(NotFound)) >= 0 ? null : throw Failed(failure, name, registry, status);
        }

        try
        {
            return JsonDocumentReader.Read(output, DocumentLimits.Default with { Bytes = MaxOutput }, failure, "its answer", static (ref Utf8JsonReader reader) => ReadAnswer(ref reader));
        }
        catch (ContentException e)
        {
            throw new RegistryException(e.Message, inner: e);
        }
    }

    /// <summary>Gives a helper a login to keep.</summary>
    internal async Task StoreAsync(string name, string registry, Credential credential, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("ServerURL", ServerOf(registry));
            writer.WriteString("Username", credential.User);
            writer.WriteString("Secret", credential.Secret);
            writer.WriteEndObject();
        }

        await ChangeAsync(name, "store", Encoding.UTF8.GetString(buffer.WrittenSpan), registry, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a helper forget a login.</summary>
    internal Task EraseAsync(string name, string registry, CancellationToken cancellationToken) => ChangeAsync(name, "erase", ServerOf(registry), registry, cancellationToken);

    private async Task ChangeAsync(string name, string action, string input, string registry, CancellationToken cancellationToken)
    {
        var failure = $"cannot {action} the login for '{Quoted.Text(registry)}' with 'docker-credential-{Quoted.Text(name)}'";
        var (status, output) = await RunAsync(name, action, input, failure, cancellationToken).ConfigureAwait(false);
        if (status != 0 && !(action == "erase" && output.AsSpan().IndexOf(Encoding.ASCII.GetBytes(NotFound)) >= 0))
        {
            throw Failed(failure, name, registry, status);
        }
    }

    /// <summary>The name under which docker's helpers keep Docker Hub.</summary>
    private static string ServerOf(string registry) => registry == "docker.io" ? "https://index.docker.io/v1/" : registry;

    private static RegistryException Failed(string failure, string name, string registry, int status) =>
        new($"{failure}: it ended with status {status}", $"try it: echo '{ServerOf(registry)}' | docker-credential-{name} get");

    private static Credential? ReadAnswer(ref Utf8JsonReader reader)
    {
        string? user = null, secret = null;
        while (JsonDocumentReader.NextField(ref reader))
        {
            if (reader.ValueTextEquals("Username"u8))
            {
                user = JsonDocumentReader.ReadString(ref reader, "Username");
            }
            else if (reader.ValueTextEquals("Secret"u8))
            {
                secret = JsonDocumentReader.ReadString(ref reader, "Secret");
            }
            else
            {
                JsonDocumentReader.SkipValue(ref reader);
            }
        }

        return string.IsNullOrEmpty(user) && string.IsNullOrEmpty(secret) ? null
            : !string.IsNullOrEmpty(user) && secret is not null ? new Credential(user, secret)
            : throw new MalformedException("has no user or no secret");
    }

    private async Task<(int Status, byte[] Output)> RunAsync(string name, string action, string input, string failure, CancellationToken cancellationToken)
    {
        var program = Locate(name) ?? throw new RegistryException($"{failure}: the program is not on this machine", "install it, or take it out of the file");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        using var process = Start(program, action, failure);
        try
        {
            var output = ReadAsync(process.StandardOutput.BaseStream, failure, limit.Token);
            var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, limit.Token);
            // A read of a pipe does not hear its token: what is waited for is the token, and the end of the program ends the read.
            await WriteAsync(process.StandardInput.BaseStream, input, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            var bytes = await output.WaitAsync(limit.Token).ConfigureAwait(false);
            await errors.WaitAsync(limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, bytes);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RegistryException($"{failure}: it did not answer within {_patience.TotalSeconds:0} seconds");
        }
        finally
        {
            Kill(process);
        }
    }

    private static Process Start(string program, string action, string failure)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, [action])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new RegistryException($"{failure}: it cannot be started", inner: e);
        }
    }

    private static async Task WriteAsync(Stream stream, string input, CancellationToken cancellationToken)
    {
        try
        {
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(input), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // It does not listen; its answer tells.
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, string failure, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxOutput + 1];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length <= MaxOutput ? bytes[..length] : throw new RegistryException($"{failure}: its answer is larger than {MaxOutput >> 20} MiB");
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It ended by itself.
        }
    }

    /// <summary>The program along PATH, and only there: what lies in the current directory is not asked.</summary>
    private string? Locate(string name)
    {
        if (name.Length == 0 || name[0] is '.' or '-' || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new RegistryException($"cannot use the credential helper '{Quoted.Text(name)}': its name may hold letters, digits, '.', '_' and '-'", "repair the file of logins that names it");
        }

        return (environment("PATH") ?? string.Empty).Split(':').Where(static directory => directory.StartsWith('/'))
            .Select(directory => Path.Combine(directory, "docker-credential-" + name)).FirstOrDefault(File.Exists);
    }
}
