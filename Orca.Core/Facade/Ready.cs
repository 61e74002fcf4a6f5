using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Orca.Core.Containers;

namespace Orca;

/// <summary>The usual ways to tell that a container is ready.</summary>
public static class Ready
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>When it has written a line, to its output or errors, that contains this text.</summary>
    public static IReadiness WhenLine(string text) => new Lines(line => line.Contains(text, StringComparison.Ordinal), $"a line with '{text}'");

    /// <summary>When it has written a line, to its output or errors, that matches.</summary>
    public static IReadiness WhenLine(Regex pattern) => new Lines(pattern.IsMatch, $"a line that matches '{pattern}'");

    /// <summary>When something accepts connections to this port of 127.0.0.1. For containers with the host's network.</summary>
    /// <remarks>It cannot tell who accepts: choose a port that nothing else uses.</remarks>
    public static IReadiness WhenTcp(int port)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        return new Tcp(port);
    }

    /// <summary>When there is something at this absolute path inside.</summary>
    public static IReadiness WhenFile(string inside) =>
        inside.StartsWith('/') ? new Existing(inside) : throw new ArgumentException($"'{inside}' is not an absolute path", nameof(inside));

    /// <summary>When something accepts connections to the Unix socket at this absolute path inside.</summary>
    public static IReadiness WhenSocket(string inside) =>
        inside.StartsWith('/') ? new Listener(inside) : throw new ArgumentException($"'{inside}' is not an absolute path", nameof(inside));

    /// <summary>When this command, run in the container again and again, exits with 0. A command that is not there is an error.</summary>
    public static IReadiness WhenExec(params string[] command) => command.Length > 0 ? new Command(command) : throw new ArgumentException("there is no command", nameof(command));

    /// <summary>When all of them are, whichever comes first.</summary>
    public static IReadiness All(params ReadOnlySpan<IReadiness> conditions) => new Several(conditions.ToArray());

    private sealed class Lines(Func<string, bool> isMeant, string words) : IReadiness
    {
        public async Task WaitAsync(StartingContainer container, CancellationToken cancellationToken)
        {
            await foreach (var line in container.ReadLinesAsync(cancellationToken).ConfigureAwait(false))
            {
                if (isMeant(line.Text))
                {
                    return;
                }
            }

            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false); // it writes no more: the end or the time-out tells
        }

        public override string ToString() => words;
    }

    private sealed class Tcp(int port) : IReadiness
    {
        public async Task WaitAsync(StartingContainer container, CancellationToken cancellationToken)
        {
            if (container.Start.Network == NamespaceMode.Own)
            {
                throw new Core.Errors.ReferenceException($"cannot wait for port {port}: the container has a network of its own, which this program does not reach");
            }

            while (!await IsAcceptedAsync(cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(s_pause, cancellationToken).ConfigureAwait(false);
            }
        }

        /// <remarks>
        /// Where nothing listens, the kernel may choose the port itself for this end, if it is one of the ephemeral ones: TCP then connects the socket to itself.
        /// Such a socket is closed without TIME_WAIT, so that the container can have its port.
        /// </remarks>
        private async Task<bool> IsAcceptedAsync(CancellationToken cancellationToken)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                return false;
            }

            if (!Equals(client.LocalEndPoint, client.RemoteEndPoint))
            {
                return true;
            }

            client.LingerState = new LingerOption(enable: true, seconds: 0);
            return false;
        }

        public override string ToString() => $"a listener on port {port}";
    }

    private sealed class Existing(string path) : IReadiness
    {
        public async Task WaitAsync(StartingContainer container, CancellationToken cancellationToken)
        {
            while (!await ExistsAsync(container.Files, cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(s_pause, cancellationToken).ConfigureAwait(false);
            }
        }

        private async Task<bool> ExistsAsync(IContainerFiles files, CancellationToken cancellationToken)
        {
            try
            {
                return await files.ExistsAsync(path, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException)
            {
                return false; // the container has ended, which is told elsewhere, or changes the way to the file
            }
        }

        public override string ToString() => $"a file '{path}'";
    }

    private sealed class Listener(string path) : IReadiness
    {
        public async Task WaitAsync(StartingContainer container, CancellationToken cancellationToken)
        {
            while (!await AcceptsAsync(container.Files, cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(s_pause, cancellationToken).ConfigureAwait(false);
            }
        }

        /// <remarks>A fake has no sockets: there the file is enough.</remarks>
        private async Task<bool> AcceptsAsync(IContainerFiles files, CancellationToken cancellationToken)
        {
            try
            {
                return files is RunningFiles running ? await running.AcceptsAsync(path, cancellationToken).ConfigureAwait(false) : await files.ExistsAsync(path, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException)
            {
                return false; // as for a file
            }
        }

        public override string ToString() => $"a listener at '{path}'";
    }

    private sealed class Command(string[] command) : IReadiness
    {
        public async Task WaitAsync(StartingContainer container, CancellationToken cancellationToken)
        {
            var exec = new ContainerExec(command) { Output = ContainerOutput.Discard, Error = ContainerOutput.Discard };
            while (!(await container.ExecAsync(exec, cancellationToken).ConfigureAwait(false)).Exit.Success)
            {
                await Task.Delay(s_pause, cancellationToken).ConfigureAwait(false);
            }
        }

        public override string ToString() => $"'{string.Join(' ', command)}' to succeed";
    }

    private sealed class Several(IReadiness[] conditions) : IReadiness
    {
        public Task WaitAsync(StartingContainer container, CancellationToken cancellationToken) =>
            Task.WhenAll(conditions.Select(condition => condition.WaitAsync(container, cancellationToken)));

        public override string ToString() => string.Join(" and ", conditions.Select(static condition => condition.ToString()));
    }
}
