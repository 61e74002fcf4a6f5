using Orca.Core.Errors;
using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>Runs a container, and where the host refuses something that orca can do without, says so in one line and does it the next best way.</summary>
/// <remarks>
/// <code>
///   new namespaces, new /proc, overlay
///        /proc is masked around orca       -> the /proc around orca is bound
///        overlay mounts are refused        -> the container runs on a copy of the image (not where its changes are to stay in memory)
///             no room for a copy           -> on the image itself, read-only
/// </code>
/// Nothing that protects is ever left out: masks, capabilities and namespaces are the same on every rung.
/// </remarks>
internal sealed class SandboxFallback(IContainer container, Action<string>? note)
{
    /// <summary>Runs the spec to its end, on the first rung that holds.</summary>
    /// <exception cref="SandboxException">None holds, or the failure has another cause.</exception>
    internal ExitStatus Run(ISandbox sandbox, SandboxSpec spec, SandboxRunOptions options, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return sandbox.Run(spec, options, cancellationToken);
            }
            catch (SandboxException refusal)
            {
                if (Next(spec, refusal) is not { } next)
                {
                    throw;
                }

                spec = next;
            }
        }
    }

    /// <summary>Starts the spec's command on the first rung that holds.</summary>
    /// <exception cref="SandboxException">None holds, or the failure has another cause.</exception>
    internal async Task<ISandboxProcess> StartAsync(ISandboxStarter starter, SandboxSpec spec, SandboxStart start, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await starter.StartAsync(spec, start, cancellationToken).ConfigureAwait(false);
            }
            catch (SandboxException refusal)
            {
                if (Next(spec, refusal) is not { } next)
                {
                    throw;
                }

                spec = next;
            }
        }
    }

    private SandboxSpec? Next(SandboxSpec spec, SandboxException refusal)
    {
        if (refusal.ProcRefused && !spec.HostProc)
        {
            note?.Invoke("the host masks part of /proc, as an unprivileged container does; this container sees the processes around orca");
            return spec with { HostProc = true };
        }

        return refusal.OverlayRefused && spec.Root is { Copy: null, Memory: null } ? WithoutOverlay(spec, refusal) : null;
    }

    private SandboxSpec WithoutOverlay(SandboxSpec spec, SandboxException refusal)
    {
        try
        {
            var copy = container.MaterializeCopy();
            note?.Invoke($"the host refuses overlay mounts ({refusal.Message}); the container runs on a copy of the image");
            return spec with { Root = copy, RootFiles = [.. spec.RootFiles, .. ContainerMark.RootFiles(copy)] };
        }
        catch (OrcaException failure) when (spec.Root.Volatile) // a kept container has changes that the image does not show
        {
            note?.Invoke($"the host refuses overlay mounts, and there is no copy ({failure.Message}); the container runs on the image itself, read-only");
            return spec with
            {
                Root = new RootFileSystem { Store = spec.Root.Store, Directory = spec.Root.Directory, Copy = container.Image.Store is { } other ? $"{other}/{container.Image.Rootfs}" : container.Image.Rootfs, IsShared = true, Volatile = true },
                ReadOnly = true,
                RootFiles = [],
                Files = [.. spec.Files.Where(file => new ContainerFileReader(container, note).Exists(file.Path))], // nothing can be made to mount on
            };
        }
    }
}
