namespace Orca.Registry;

/// <summary>How registries are spoken to, where that is not to be read from the user's files.</summary>
public sealed class RegistryOptions
{
    /// <summary>False: whoever answers is taken for the registry, over plain http too. True: nobody is, whatever registries.conf says. Null: as registries.conf says.</summary>
    public bool? TlsVerify { get; set; }

    /// <summary>True: the compressed bytes of layers are not written to the disk but unpacked as they come, one layer after the other. A pull that was ended is not resumed.</summary>
    /// <remarks>
    /// Nor are the files written that upper layers of an image hide: another image may then have to fetch a layer that this one has.
    /// </remarks>
    public bool NoResume { get; set; }

    /// <summary>The one file of logins, in place of those of docker and podman.</summary>
    public string? AuthFile { get; set; }

    /// <summary>Takes a sentence that the user should read though nothing failed; called on any thread.</summary>
    public Action<string>? Note { get; set; }
}
