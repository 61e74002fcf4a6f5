namespace Orca.Registry;

/// <summary>How registries are spoken to, where that is not to be read from the user's files.</summary>
public sealed class RegistryOptions
{
    /// <summary>False: whoever answers is taken for the registry, over plain http too. True: nobody is, whatever registries.conf says. Null: as registries.conf says.</summary>
    public bool? TlsVerify { get; set; }

    /// <summary>The one file of logins, in place of those of docker and podman.</summary>
    public string? AuthFile { get; set; }

    /// <summary>Takes a sentence that the user should read though nothing failed; called on any thread.</summary>
    public Action<string>? Note { get; set; }
}
