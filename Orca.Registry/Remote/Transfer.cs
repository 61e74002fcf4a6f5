using Orca.Core.Errors;

namespace Orca.Registry.Remote;

/// <summary>What stopped one request, as far as others act on it.</summary>
internal enum TransferFault
{
    /// <summary>Asking again will not help.</summary>
    Final,

    /// <summary>The connection could not be made: worth another try only when it could before.</summary>
    Unreachable,

    /// <summary>Nothing came for too long: worth another try only where something came before.</summary>
    Silent,

    /// <summary>The connection broke, or brought too little.</summary>
    Broken,

    /// <summary>The other side does not speak TLS.</summary>
    NotTls,
}

/// <summary>One request failed below HTTP; never leaves this folder.</summary>
internal sealed class TransferException(TransferFault fault, string cause, string? hint = null, Exception? inner = null) : Exception(cause, inner)
{
    internal TransferFault Fault { get; } = fault;

    internal string? Hint { get; } = hint;

    /// <summary>The error that people see.</summary>
    internal RegistryException ToError(string failure, Uri uri) => new($"{failure}: {RegistryErrors.Get(uri)}: {Message}", Hint, this);
}
