namespace Orca.Core.Errors;

/// <summary>The command or an image reference is wrong: fix what was typed.</summary>
public sealed class ReferenceException(string message, string? hint = null) : OrcaException(message, hint);

/// <summary>A registry could not be reached, refused, or broke its protocol: network, login, server.</summary>
public sealed class RegistryException(string message, string? hint = null, Exception? inner = null) : OrcaException(message, hint, inner)
{
    /// <summary>True when the registry answered that it has no such thing, or none for people without a login: private and missing look alike to them.</summary>
    public bool IsAbsence { get; init; }
}

/// <summary>Bytes are not what their digest, size or format promised.</summary>
public sealed class ContentException(string message, string? hint = null, Exception? inner = null) : OrcaException(message, hint, inner);

/// <summary>A layer archive is hostile, damaged or beyond the limits.</summary>
public sealed class LayerException(string message, string? hint = null, Exception? inner = null) : OrcaException(message, hint, inner)
{
    /// <summary>The layer's place in its image, from 1; 0 when it is not one layer's fault.</summary>
    public int Layer { get; init; }
}

/// <summary>The store cannot serve: missing image, name in use, disk full, wrong owner.</summary>
public sealed class StoreException(string message, string? hint = null, Exception? inner = null) : OrcaException(message, hint, inner);

/// <summary>The sandbox could not be made: the spec is wrong or the kernel said no.</summary>
public sealed class SandboxException(string message, string? hint = null, Exception? inner = null) : OrcaException(message, hint, inner)
{
    /// <summary>The exit status that stands for this failure: 125, or 126/127 when the command could not be run or was not found.</summary>
    public int ExitCode { get; init; } = 125;

    /// <summary>True when the host refused the overlay mount, so that the same spec over a copy of the tree may succeed.</summary>
    public bool OverlayRefused { get; init; }

    /// <summary>True when the host refused a new /proc, so that the same spec with <see cref="Sandbox.SandboxSpec.HostProc"/> may succeed.</summary>
    public bool ProcRefused { get; init; }

    /// <summary>The error with which the kernel refused to execute the command; null when something else failed.</summary>
    public Linux.Errno? CommandRefused { get; init; }
}
